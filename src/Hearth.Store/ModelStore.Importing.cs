using Hearth.Store.Importing;
using Hearth.Store.Storage;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    /// <summary>The models that other programs have on this machine, in their usual folders or where their environment variables say. Nothing is changed.</summary>
    public static IReadOnlyList<ForeignModel> FindForeign() => throw new NotImplementedException();

    /// <summary>Takes a model of another program.</summary>
    /// <param name="model">The model.</param>
    /// <param name="link">Whether its files stay where they are and are only pointed to; else they are copied.</param>
    /// <param name="progress">Is told bytes that are done and bytes in all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<StoredModel> ImportAsync(ForeignModel model, bool link, IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
