using Hearth.Store;
using Hearth.Store.References;
using Hearth.Store.Transfer;

namespace Hearth.Server.Observability;

/// <summary>Models that are pulled.</summary>
internal sealed class TransferMetrics
{
    private readonly CounterFamily _pulls = new("hearth_pulls_total", "Pulls of models, by how they ended: ok, cached (all was there), failed or cancelled.", "outcome");
    private readonly CounterFamily _bytes = new("hearth_pulled_bytes_total", "Bytes that pulls received which ended well.");

    /// <summary>The metrics.</summary>
    public IEnumerable<MetricFamily> Families => [_pulls, _bytes];

    /// <summary>Pulls a model and counts it.</summary>
    /// <inheritdoc cref="ModelStore.PullAsync"/>
    public async Task<PullResult> PullAsync(
        ModelStore store, ModelReference reference, TransferOptions options, IProgress<TransferProgress> progress, CancellationToken cancellationToken)
    {
        string outcome = RequestOutcome.Failed;
        try
        {
            PullResult result = await store.PullAsync(reference, options, progress, cancellationToken);
            outcome = result.WasCached ? "cached" : RequestOutcome.Ok;
            _bytes.Add(result.DownloadedBytes);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = RequestOutcome.Cancelled;
            throw;
        }
        finally
        {
            _pulls.Add(1, outcome);
        }
    }
}
