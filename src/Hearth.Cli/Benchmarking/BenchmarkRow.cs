using System.Text.Json.Serialization;
using Hearth.Cli.Commands;
using Hearth.Engine.Benchmarking;

namespace Hearth.Cli.Benchmarking;

/// <summary>A test's result as <c>hearth bench</c> writes it in JSON and CSV; docs/cli.md lists the fields.</summary>
internal sealed record BenchmarkRow
{
    public required string Version { get; init; }

    public required string ModelPath { get; init; }

    public required string ModelName { get; init; }

    public required string Architecture { get; init; }

    public required long Parameters { get; init; }

    public required long FileBytes { get; init; }

    public required string FileType { get; init; }

    public required int Threads { get; init; }

    public required string Test { get; init; }

    public required int NPrompt { get; init; }

    public required int NGen { get; init; }

    public required int NDepth { get; init; }

    public required int BatchSize { get; init; }

    public required bool Warmup { get; init; }

    public required int Repetitions { get; init; }

    public required double MedianTs { get; init; }

    public required double MinTs { get; init; }

    public required double MaxTs { get; init; }

    public required double MadTs { get; init; }

    public required IReadOnlyList<double> SamplesTs { get; init; }

    public required double? FirstTokenMs { get; init; }

    public required IReadOnlyList<double> FirstTokenSamplesMs { get; init; }

    public required long? BytesPerToken { get; init; }

    public required double? EffectiveGbps { get; init; }

    public required double ReadGbps { get; init; }

    public required double? BandwidthFraction { get; init; }

    public required long? PeakMemoryBytes { get; init; }

    public static BenchmarkRow Of(BenchmarkResult result, bool warmup)
    {
        SampleStatistics rates = result.Rates;
        return new BenchmarkRow
        {
            Version = VersionCommand.Version,
            ModelPath = result.Model.Path,
            ModelName = result.Model.Name,
            Architecture = result.Model.Architecture,
            Parameters = result.Model.Parameters,
            FileBytes = result.Model.FileBytes,
            FileType = result.Model.FileType,
            Threads = result.Threads,
            Test = result.Test.Name,
            NPrompt = result.Test.PromptTokens,
            NGen = result.Test.GeneratedTokens,
            NDepth = result.Test.Depth,
            BatchSize = result.Test.BatchTokens,
            Warmup = warmup,
            Repetitions = result.Samples.Count,
            MedianTs = Round(rates.Median),
            MinTs = Round(rates.Minimum),
            MaxTs = Round(rates.Maximum),
            MadTs = Round(rates.Deviation),
            SamplesTs = [.. rates.Samples.Select(Round)],
            FirstTokenMs = result.FirstToken is { } first ? Round(first.Median) : null,
            FirstTokenSamplesMs = [.. (result.FirstToken?.Samples ?? []).Select(Round)],
            BytesPerToken = (long?)result.BytesPerToken,
            EffectiveGbps = result.EffectiveBandwidth is double effective ? Round(effective * 1e-9) : null,
            ReadGbps = Round(result.ReadBandwidth * 1e-9),
            BandwidthFraction = result.BandwidthFraction is double fraction ? Round(fraction) : null,
            PeakMemoryBytes = result.PeakMemory,
        };
    }

    private static double Round(double value) => Math.Round(value, 4);
}

/// <summary>How rows are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BenchmarkRow))]
internal sealed partial class BenchmarkRowContext : JsonSerializerContext;
