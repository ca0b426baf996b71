using Hearth.Store.References;

namespace Hearth.Store.Transfer;

/// <summary>Tells of the transfers of a model's layers: of bytes not more often than anybody can see, of all else at once.</summary>
/// <param name="progress">Whom to tell; null for nobody.</param>
/// <param name="total">Bytes of the whole model.</param>
internal sealed class ProgressReporter(IProgress<TransferProgress>? progress, long total)
{
    private const long IntervalMilliseconds = 50;

    /// <summary>Tells of something that is of no layer.</summary>
    public void Report(TransferStage stage, string message) => progress?.Report(new TransferProgress(stage, message, total));

    /// <summary>Tells of a layer.</summary>
    public void Report(TransferStage stage, string message, Digest? layer, long size, long done, string? name = null) =>
        progress?.Report(new TransferProgress(stage, message, total) { Layer = layer, LayerName = name, LayerSize = size, LayerDone = done });

    /// <summary>What is told of the transfer of one layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="verb">What is done: <c>Downloading</c>.</param>
    /// <param name="name">What it is called; null for the beginning of its digest.</param>
    public Action<BlobProgress> Of(Digest layer, long size, string verb, string? name = null)
    {
        long last = long.MinValue;
        return state =>
        {
            long now = Environment.TickCount64;
            if (state.Stage == TransferStage.Transferring && now < Interlocked.Read(ref last) + IntervalMilliseconds)
            {
                return;
            }

            Interlocked.Exchange(ref last, now);
            Report(state.Stage, state.Message ?? $"{verb} {name ?? layer.Abbreviated}", layer, size, state.Done, name);
        };
    }
}
