using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    /// <summary>Whether a content is stored, of a model or of none.</summary>
    public bool HasContent(Digest digest) => _blobs.Contains(digest);

    /// <summary>Stores a content that a model is to be made of. Until then a prune may remove it.</summary>
    /// <param name="content">The content, which is read once.</param>
    /// <param name="expected">What it must be.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <returns>What it is; nothing is stored where that is not what was expected.</returns>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public async Task<Digest> AddContentAsync(Stream content, Digest expected, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        using StoreLock adding = BeginAdding();
        using ReceivedContent received = await _blobs.ReceiveAsync(content, cancellationToken: cancellationToken);
        if (received.Digest == expected)
        {
            received.Commit();
        }

        return received.Digest;
    }
}
