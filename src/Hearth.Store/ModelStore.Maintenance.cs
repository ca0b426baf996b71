using Hearth.Store.Storage;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    /// <summary>Reads every content and compares it with its digest. What is broken is told, and with <paramref name="repair"/> removed, so that the next pull fetches it again.</summary>
    public Task<VerificationResult> VerifyAsync(string? name = null, bool repair = false, IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Removes contents that no model uses, downloads that were broken off, and with <paramref name="untagged"/> models without a reference.</summary>
    /// <exception cref="StoreException">Another process adds to the store.</exception>
    public PruneResult Prune(bool untagged) => throw new NotImplementedException();

    /// <summary>What the store needs of the drive.</summary>
    public DiskUsage MeasureUsage() => throw new NotImplementedException();

    /// <summary>Moves everything to another folder, maybe on another drive: copied and verified there before anything is removed here.</summary>
    /// <returns>The store there.</returns>
    /// <exception cref="StoreException">The folder is not empty, has too little room, or another process uses the store.</exception>
    public Task<ModelStore> MoveAsync(string folder, IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
