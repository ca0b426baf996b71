using System.Diagnostics;

namespace Hearth.Benchmarks.Load;

/// <summary>Sends the requests of one run to one server: closed loop, or open where the plan has a rate.</summary>
internal sealed class LoadRun(LoadClient client, RequestSource source, int run)
{
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(10);
    private readonly LoadPlan _plan = source.Plan;
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _next = -1;

    public async Task<LoadRecord> RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        IReadOnlyList<RequestResult> results = _plan.Rate is double rate
            ? await OpenAsync(rate, cancellationToken)
            : await ClosedAsync(cancellationToken);
        return new LoadRecord(results, Stopwatch.GetElapsedTime(_started), Environment.CpuUsage.TotalTime - before);
    }

    private async Task<IReadOnlyList<RequestResult>> ClosedAsync(CancellationToken cancellationToken)
    {
        List<RequestResult>[] results = await Task.WhenAll(
            Enumerable.Range(0, _plan.Streams).Select(_ => Task.Run(() => StreamAsync(cancellationToken), cancellationToken)));
        return [.. results.SelectMany(stream => stream)];
    }

    private async Task<List<RequestResult>> StreamAsync(CancellationToken cancellationToken)
    {
        List<RequestResult> results = [];
        while (NextIndex() is int index)
        {
            RequestResult result = await client.SendAsync(source.Create(run, index), new RequestOptions(), cancellationToken);
            results.Add(result);
            if (result.Failure?.RetryAfter is { } retry && retry > TimeSpan.Zero)
            {
                await Task.Delay(retry < s_longestRetry ? retry : s_longestRetry, cancellationToken);
            }
        }

        return results;
    }

    private async Task<IReadOnlyList<RequestResult>> OpenAsync(double rate, CancellationToken cancellationToken)
    {
        SeededRandom random = new(_plan.Seed, run, -1);
        List<Task<RequestResult>> sent = [];
        double due = 0;
        while (NextIndex(due) is int index)
        {
            LoadRequest request = source.Create(run, index);
            TimeSpan wait = TimeSpan.FromSeconds(due) - Stopwatch.GetElapsedTime(_started);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, cancellationToken);
            }

            RequestOptions options = new() { Planned = _started + (long)(due * Stopwatch.Frequency) };
            sent.Add(Task.Run(() => client.SendAsync(request, options, cancellationToken), cancellationToken));
            due += random.NextExponential(rate);
        }

        return await Task.WhenAll(sent);
    }

    private int? NextIndex(double? due = null)
    {
        double seconds = due ?? Stopwatch.GetElapsedTime(_started).TotalSeconds;
        int index = Interlocked.Increment(ref _next);
        bool isWanted = index < (_plan.Requests ?? int.MaxValue) && seconds < (_plan.Duration?.TotalSeconds ?? double.PositiveInfinity);
        return isWanted ? index : null;
    }
}
