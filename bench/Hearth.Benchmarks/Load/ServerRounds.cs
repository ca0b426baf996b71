namespace Hearth.Benchmarks.Load;

/// <summary>Runs the same requests on one server or on two in turns; in every other round the peer is first.</summary>
/// <param name="servers">The server, and the peer if there is one.</param>
/// <param name="rounds">Runs of each.</param>
/// <param name="output">Where a line for each run goes.</param>
internal sealed class ServerRounds(IReadOnlyList<LoadServer> servers, int rounds, TextWriter output)
{
    private int _run;

    /// <summary>Figures of each server, a run in each round.</summary>
    public async Task<LoadComparison> RunAsync(
        string description, LoadPlan plan, Func<LoadClient, int, Task<RunFigures>> measure, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(description);
        List<RunFigures>[] figures = [.. servers.Select(_ => new List<RunFigures>())];
        for (int round = 1; round <= rounds; round++)
        {
            int run = _run++;
            IEnumerable<int> order = Enumerable.Range(0, servers.Count);
            foreach (int index in round % 2 == 0 ? order.Reverse() : order)
            {
                cancellationToken.ThrowIfCancellationRequested();
                RunFigures result = await servers[index].MeasureAsync(client => measure(client, run));
                figures[index].Add(result);
                await output.WriteLineAsync($"  round {round}, {servers[index].Client.Name}: {result.Line()}");
            }
        }

        return new LoadComparison(plan, servers, figures);
    }
}
