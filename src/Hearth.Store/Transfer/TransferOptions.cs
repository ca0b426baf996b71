namespace Hearth.Store.Transfer;

/// <summary>What may differ from one transfer to another.</summary>
public sealed record TransferOptions
{
    /// <summary>Whether the registry may be spoken to without encryption, and with a certificate that nobody vouches for.</summary>
    public bool Insecure { get; init; }

    /// <summary>A token to show the registry; null for the credentials that are stored for it.</summary>
    public string? Token { get; init; }
}

/// <summary>What a pull has done.</summary>
/// <param name="Model">The model.</param>
/// <param name="WasCached">Whether everything was there already.</param>
/// <param name="DownloadedBytes">Bytes that came over the network.</param>
public sealed record PullResult(Storage.StoredModel Model, bool WasCached, long DownloadedBytes);
