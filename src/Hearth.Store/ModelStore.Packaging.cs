using Hearth.Store.Manifests;
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
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public async Task<StoredModel> PackageAsync(PackageRequest request, ModelReference reference, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(reference);
        Packager packager = new(new FileIntake(_blobs), ReadGguf, progress);
        CheckedFiles files = packager.Check(request);
        using StoreLock adding = BeginAdding();
        return Commit(await packager.BuildAsync(request, files, cancellationToken), reference);
    }

    /// <summary>Makes a model as a Modelfile says, in Ollama's format. Bases that are not here have to be pulled before.</summary>
    /// <param name="file">The Modelfile.</param>
    /// <param name="folder">Where its relative paths begin.</param>
    /// <param name="reference">Its name.</param>
    /// <param name="progress">Is told of each step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PackageException">It cannot be made.</exception>
    /// <exception cref="ModelNotFoundException">The base is not here.</exception>
    /// <exception cref="ManifestException">The base is of a kind that Hearth does not run.</exception>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public Task<StoredModel> CreateAsync(Modelfile file, string folder, ModelReference reference, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return CreateAsync(new ModelfileResolver(folder, Get).Resolve(file, progress), reference, progress, cancellationToken);
    }

    /// <summary>Makes a model in Ollama's format of a stored one or of files.</summary>
    /// <param name="request">What to make it of.</param>
    /// <param name="reference">Its name.</param>
    /// <param name="progress">Is told of each step, in Ollama's words.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PackageException">It cannot be made.</exception>
    /// <exception cref="ManifestException">The base is of a kind that Hearth does not run.</exception>
    /// <exception cref="StoreException">It cannot be stored, or a content is missing.</exception>
    public async Task<StoredModel> CreateAsync(CreationRequest request, ModelReference reference, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(reference);
        using StoreLock adding = BeginAdding();
        Manifest? model = request.Base is { } origin ? GetManifest(origin) : null;
        return Commit(await new ModelCreator(_blobs, ReadGguf, progress).BuildAsync(request, model, cancellationToken), reference);
    }

    /// <summary>The same model with another context, without copying anything.</summary>
    /// <exception cref="PackageException">The format has no place for it.</exception>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public StoredModel Repackage(StoredModel model, ModelReference target, long contextSize)
    {
        ArgumentNullException.ThrowIfNull(target);
        using StoreLock adding = BeginAdding();
        return Commit(Repackager.SetContext(GetManifest(model), GetConfig(model), contextSize), target);
    }

    /// <summary>The config of a model as it is, for people and programs that want to see all of it.</summary>
    /// <exception cref="StoreException">It is missing.</exception>
    public byte[] GetConfig(StoredModel model) => _blobs.ReadAll(GetManifest(model).Config.Digest, ConfigReader.MaxBytes);

    /// <summary>Names a model that only has to be stored, while <see cref="BeginAdding"/> holds.</summary>
    internal StoredModel Commit(BuiltPackage package, ModelReference reference)
    {
        _blobs.Add(package.Config);
        return Commit(package.Manifest, reference);
    }

    private GgufFacts ReadGguf(IReadOnlyList<string> paths) =>
        (_options.ReadGguf ?? throw new InvalidOperationException($"{nameof(ModelStoreOptions)}.{nameof(ModelStoreOptions.ReadGguf)} is not set."))(paths);
}
