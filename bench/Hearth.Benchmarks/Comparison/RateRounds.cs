using Hearth.Engine.Benchmarking;

namespace Hearth.Benchmarks.Comparison;

/// <summary>Measures prefill and decode of both engines in turns, and prints every round.</summary>
internal sealed class RateRounds(ComparisonTask task, PeerEngine? peer, IReadOnlyList<FlashAttention> attentions)
{
    private readonly IReadOnlyList<FlashAttention> _attentions = peer is null ? [] : attentions;

    /// <summary>Runs all rounds, after one of Hearth's own to warm up.</summary>
    public async Task<RateReport> RunAsync(CancellationToken cancellationToken)
    {
        BenchmarkTest[] tests = [.. new[] { task.Prefill, task.Decode }.Where(test => test.Tokens > 0)];
        using BenchmarkSession session = BenchmarkSession.Open(task.Model, task.Threads, tests);
        Console.WriteLine($"{Path.GetFileName(task.Model)}, {session.Threads} threads: {string.Join(", ", tests.Select(test => test.Name))}");
        Console.WriteLine($"{"tokens/s",-8} {"Hearth prefill",16} {"decode",10}"
            + string.Concat(_attentions.Select(attention => $" {$"peer -fa {(int)attention} prefill",20} {"decode",10}")));
        Measure(session, cancellationToken);
        List<Rates> own = [];
        List<Rates>[] others = [.. _attentions.Select(_ => new List<Rates>())];
        for (int round = 1; round <= task.Rounds; round++)
        {
            own.Add(Measure(session, cancellationToken));
            for (int i = 0; i < others.Length; i++)
            {
                others[i].Add(await peer!.MeasureAsync(_attentions[i], cancellationToken));
            }

            Print($"{round}", own[^1], others.Select(rates => rates[^1]));
        }

        Print("median", Median(own), others.Select(Median));
        return new RateReport
        {
            Task = task,
            Prefill = task.PromptTokens == 0 ? null : Compare(rates => rates.Prefill),
            Decode = task.GeneratedTokens == 0 ? null : Compare(rates => rates.Decode),
        };

        RateComparison Compare(Func<Rates, double> rate) => new(
            [.. own.Select(rate)],
            _attentions.Index().ToDictionary(item => item.Item, item => (IReadOnlyList<double>)[.. others[item.Index].Select(rate)]));
    }

    private Rates Measure(BenchmarkSession session, CancellationToken cancellationToken)
    {
        double Rate(BenchmarkTest test) => test.Tokens == 0 ? 0 : test.Tokens / session.Measure(test, cancellationToken).Elapsed.TotalSeconds;

        return new Rates(Rate(task.Prefill), Rate(task.Decode));
    }

    private static void Print(string label, Rates own, IEnumerable<Rates> others) => Console.WriteLine(
        $"{label,-8} {Cell(own.Prefill),16} {Cell(own.Decode),10}" + string.Concat(others.Select(rates => $" {Cell(rates.Prefill),20} {Cell(rates.Decode),10}")));

    private static string Cell(double rate) => rate == 0 ? "-" : $"{rate:F2}";

    private static Rates Median(List<Rates> rates) => new(
        SampleStatistics.Of(rates.Select(rate => rate.Prefill)).Median, SampleStatistics.Of(rates.Select(rate => rate.Decode)).Median);
}
