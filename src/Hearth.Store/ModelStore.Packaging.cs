using Hearth.Store.Modelfiles;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    /// <summary>Makes a model of files.</summary>
    /// <param name="request">The files.</param>
    /// <param name="reference">Its name.</param>
    /// <param name="progress">Is told of each step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PackageException">The request cannot be packaged: a file is missing, is no GGUF file, or the format has no place for it.</exception>
    public Task<StoredModel> PackageAsync(PackageRequest request, ModelReference reference, IProgress<string>? progress = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Makes a model as a Modelfile says, in Ollama's format. Bases that are not here have to be pulled before.</summary>
    /// <param name="file">The Modelfile.</param>
    /// <param name="folder">Where its relative paths begin.</param>
    /// <param name="reference">Its name.</param>
    /// <param name="progress">Is told of each step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PackageException">It cannot be made.</exception>
    /// <exception cref="ModelNotFoundException">The base is not here.</exception>
    public Task<StoredModel> CreateAsync(Modelfile file, string folder, ModelReference reference, IProgress<string>? progress = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>The same model with another context, without copying anything.</summary>
    /// <exception cref="PackageException">The format has no place for it.</exception>
    public StoredModel Repackage(StoredModel model, ModelReference target, long contextSize) => throw new NotImplementedException();

    /// <summary>The config of a model as it is, for people and programs that want to see all of it.</summary>
    public byte[] GetConfig(StoredModel model) => throw new NotImplementedException();
}
