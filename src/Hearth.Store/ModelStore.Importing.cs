using Hearth.Store.Importing;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.Storage;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    /// <summary>
    /// The models that other programs have on this machine. Nothing is changed; what is broken, or a link that leads elsewhere, is left out.
    /// </summary>
    /// <param name="folders">Where to look; null for the usual folders, or where the programs' own variables say.</param>
    public static IReadOnlyList<ForeignModel> FindForeign(ForeignFolders? folders = null)
    {
        folders ??= ForeignFolders.FromEnvironment();
        return
        [
            .. folders.DockerModelRunner.SelectMany(ManifestStores.FindDocker),
            .. folders.Ollama.SelectMany(ManifestStores.FindOllama),
            .. folders.LlamaCpp.SelectMany(GgufCaches.FindLlamaCpp),
            .. folders.HuggingFace.SelectMany(GgufCaches.FindHuggingFace),
        ];
    }

    /// <summary>
    /// Takes a model of another program. One that has a manifest there keeps it, and its ID; a GGUF file becomes a model in Docker's format.
    /// Every file is read once and compared with its digest, whether it is copied or only pointed to.
    /// </summary>
    /// <param name="model">The model, as <see cref="FindForeign"/> has found it.</param>
    /// <param name="link">Whether its files stay where they are and are only pointed to; else they are copied.</param>
    /// <param name="progress">Is told bytes that are done and bytes in all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreException">A file has gone, or is not what its digest says, or cannot be stored.</exception>
    /// <exception cref="ManifestException">It is of something else than a model.</exception>
    /// <exception cref="PackageException">It is no GGUF model that can be read.</exception>
    public Task<StoredModel> ImportAsync(
        ForeignModel model, bool link, IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new ForeignImport(this, _blobs, _files).RunAsync(model, link, progress, cancellationToken);
    }

    /// <summary>What the weights of a model say of themselves.</summary>
    /// <param name="paths">The parts, in their order.</param>
    /// <param name="name">What they are called, for messages.</param>
    /// <exception cref="PackageException">They cannot be read, or are of something else than a model.</exception>
    internal GgufFacts ReadWeights(IReadOnlyList<string> paths, string name)
    {
        GgufFacts facts;
        try
        {
            facts = ReadGguf(paths);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or InvalidOperationException or PackageException))
        {
            throw new PackageException($"'{name}' is no GGUF file that can be read: {exception.Message}", exception);
        }

        GgufKinds.RequireModel(facts, name);
        return facts;
    }
}
