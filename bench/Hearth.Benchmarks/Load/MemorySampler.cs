using System.Diagnostics;

namespace Hearth.Benchmarks.Load;

/// <summary>Reads a process's resident memory at intervals.</summary>
internal sealed class MemorySampler : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Process _process;
    private readonly Task _sampling;

    /// <exception cref="LoadException">There is no such process.</exception>
    public MemorySampler(int id, TimeSpan interval)
    {
        try
        {
            _process = Process.GetProcessById(id);
        }
        catch (ArgumentException exception)
        {
            throw new LoadException($"There is no process {id} whose memory could be read.", exception);
        }

        Read();
        _sampling = SampleAsync(interval);
    }

    /// <summary>Bytes, in the order in which they were read; the first is from before the run.</summary>
    public List<long> Samples { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sampling;
        Read();
        _process.Dispose();
        _stop.Dispose();
    }

    private async Task SampleAsync(TimeSpan interval)
    {
        using PeriodicTimer timer = new(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                Read();
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private void Read()
    {
        try
        {
            _process.Refresh();
            Samples.Add(_process.WorkingSet64);
        }
        catch (InvalidOperationException)
        {
            // The process has ended: the requests' errors tell.
        }
    }
}
