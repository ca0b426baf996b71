using Hearth.Store.References;

namespace Hearth.Store.Transfer;

/// <summary>What a transfer does.</summary>
public enum TransferStage
{
    /// <summary>It asks for the manifest or for the files that there are, or waits for another transfer of the same.</summary>
    Preparing,

    /// <summary>A layer is on its way.</summary>
    Transferring,

    /// <summary>A layer is there, and is what it should be.</summary>
    LayerDone,

    /// <summary>A layer was there already.</summary>
    LayerCached,

    /// <summary>Contents that are whole are checked, or the model is named.</summary>
    Finishing,

    /// <summary>Something went wrong and is tried again; the message says what.</summary>
    Retrying,
}

/// <summary>How far a transfer is.</summary>
/// <param name="Stage">What it does.</param>
/// <param name="Message">The same for people.</param>
/// <param name="Total">Bytes of the whole model; 0 while that is not known.</param>
public sealed record TransferProgress(TransferStage Stage, string Message, long Total)
{
    /// <summary>The layer; null where it is of none.</summary>
    public Digest? Layer { get; init; }

    /// <summary>What the layer is called where its digest is not known yet, as with files of Hugging Face.</summary>
    public string? LayerName { get; init; }

    /// <summary>Bytes of the layer.</summary>
    public long LayerSize { get; init; }

    /// <summary>Bytes of the layer that are there.</summary>
    public long LayerDone { get; init; }
}
