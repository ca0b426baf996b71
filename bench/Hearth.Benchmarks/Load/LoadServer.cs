namespace Hearth.Benchmarks.Load;

/// <summary>One of the servers.</summary>
/// <param name="Client">What talks to it.</param>
/// <param name="ProcessId">Its process, whose memory is read.</param>
internal sealed record LoadServer(LoadClient Client, int? ProcessId)
{
    private static readonly TimeSpan s_memoryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Runs something and adds what memory the server had meanwhile.</summary>
    public async Task<RunFigures> MeasureAsync(Func<LoadClient, Task<RunFigures>> measure)
    {
        if (ProcessId is not int id)
        {
            return await measure(Client);
        }

        RunFigures figures;
        MemorySampler memory = new(id, s_memoryInterval);
        await using (memory)
        {
            figures = await measure(Client);
        }

        return figures.WithMemory(memory.Samples);
    }
}
