using Hearth.Store.References;
using Hearth.Store.Transfer;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>Tells how far a pull is, one file at a time.</summary>
/// <param name="progress">Whom; null for nobody.</param>
internal sealed class HubProgress(IProgress<TransferProgress>? progress)
{
    private readonly Lock _lock = new();

    /// <summary>Bytes of the whole model; 0 while that is not known.</summary>
    public long Total { get; set; }

    /// <summary>Tells of the whole.</summary>
    public void Report(TransferStage stage, string message) => Report(new TransferProgress(stage, message, Total));

    /// <summary>Tells of a file.</summary>
    public void Report(TransferStage stage, HubFile file, long done, Digest? digest = null, string? message = null) =>
        Report(new TransferProgress(stage, message ?? file.Name, Total) { Layer = digest ?? file.Digest, LayerName = file.Name, LayerSize = file.Size, LayerDone = done });

    private void Report(TransferProgress report)
    {
        lock (_lock)
        {
            progress?.Report(report);
        }
    }
}
