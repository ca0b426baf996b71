using System.Text.Json.Nodes;
using Hearth.Engine.Benchmarking;

namespace Hearth.Benchmarks.Comparison;

/// <summary>Measures the time from a program's start to its first token, whole processes in turns, the file being in memory.</summary>
internal sealed class LoadRounds(ComparisonTask task, FirstTokenProcess own, FirstTokenProcess? peer)
{
    /// <summary>Hearth as a user runs it: one token after a prompt of one letter.</summary>
    public static FirstTokenProcess Own(string program, ComparisonTask task) => new(
        program, "run", task.Model, "--raw", "-n", "1", "--temp", "0", "--threads", $"{task.Threads}", "x");

    /// <summary>llama.cpp's program for a user: one token after the same prompt, without its warm-up.</summary>
    public static FirstTokenProcess PeerCli(string program, ComparisonTask task) => new(
        program,
        "-m", task.Model, "-p", "x", "-n", "1", "--temp", "0", "-t", $"{task.Threads}", "-no-cnv", "--no-warmup", "--no-display-prompt", "-ngl", "0");

    /// <summary>llama-bench in its place: a prompt of one token, without a warm-up; its line comes when that is read.</summary>
    public static FirstTokenProcess PeerBench(string program, ComparisonTask task) => new(
        program, "-m", task.Model, "-t", $"{task.Threads}", "-p", "1", "-n", "0", "-r", "1", "--no-warmup", "-ngl", "0", "-o", "jsonl");

    /// <summary>Runs all rounds, after one that brings the file into memory.</summary>
    public async Task<JsonObject> RunAsync(CancellationToken cancellationToken)
    {
        Console.WriteLine($"{Path.GetFileName(task.Model)}, {task.Threads} threads: start of the process to the first token");
        Console.WriteLine($"{"ms",-8} {"Hearth",10}{(peer is null ? string.Empty : $" {"peer",10}")}");
        List<double> ours = [], theirs = [];
        for (int round = 0; round <= task.Rounds; round++)
        {
            ours.Add(await own.MeasureAsync(cancellationToken));
            if (peer is not null)
            {
                theirs.Add(await peer.MeasureAsync(cancellationToken));
            }

            Console.WriteLine($"{(round == 0 ? "warm-up" : $"{round}"),-8} {ours[^1],10:F1}{(peer is null ? string.Empty : $" {theirs[^1],10:F1}")}");
        }

        SampleStatistics statistics = SampleStatistics.Of(ours.Skip(1));
        PairedRatio? ratio = peer is null ? null : new PairedRatio(statistics, SampleStatistics.Of(theirs.Skip(1)));
        Console.WriteLine($"{"median",-8} {statistics.Median,10:F1}{(ratio is null ? string.Empty : $" {ratio.Peer.Median,10:F1}")}");
        if (ratio is not null)
        {
            Console.WriteLine($"load ratio {ratio.Ratio.Median:F3} ({ratio.Ratio.Minimum:F3}..{ratio.Ratio.Maximum:F3}; below 1, Hearth is faster)");
        }

        return new JsonObject
        {
            ["model"] = task.Model,
            ["threads"] = task.Threads,
            ["rounds"] = task.Rounds,
            ["load_ratio"] = ratio?.Ratio.Median,
            ["ratio_min"] = ratio?.Ratio.Minimum,
            ["ratio_max"] = ratio?.Ratio.Maximum,
            ["hearth_ms"] = statistics.Median,
            ["peer_ms"] = ratio?.Peer.Median,
            ["hearth_samples_ms"] = new JsonArray([.. statistics.Samples.Select(sample => JsonValue.Create(sample))]),
            ["peer_samples_ms"] = new JsonArray([.. (ratio?.Peer.Samples ?? []).Select(sample => JsonValue.Create(sample))]),
        };
    }
}
