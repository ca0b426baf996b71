namespace Hearth.Benchmarks.Load;

/// <summary>What is asked of a server in one run.</summary>
internal sealed record LoadPlan
{
    /// <summary>Token ids that every vocabulary of 512 has.</summary>
    public static LengthDistribution DefaultVocabulary { get; } = LengthDistribution.Parse("256:511");

    public CompletionApi Api { get; init; } = CompletionApi.Completions;

    /// <summary>Closed loop: requests in flight. Each stream sends its next request when its last has ended.</summary>
    public int Streams { get; init; } = 1;

    /// <summary>Open loop instead: arrivals per second of a Poisson process, however many are in flight.</summary>
    public double? Rate { get; init; }

    /// <summary>Requests of a run; null where <see cref="Duration"/> ends it.</summary>
    public int? Requests { get; init; }

    /// <summary>The time in which requests are sent; those in flight then are awaited.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Tokens of each prompt, beside the shared ones.</summary>
    public required LengthDistribution Prompt { get; init; }

    public required LengthDistribution Answer { get; init; }

    /// <summary>Tokens at the start of the prompts that all requests of a run share.</summary>
    public int SharedTokens { get; init; }

    /// <summary>The token ids that prompts are made of.</summary>
    public LengthDistribution Vocabulary { get; init; } = DefaultVocabulary;

    public ulong Seed { get; init; }

    /// <summary>Whether a third of the clients go away: half of them before the first token, half midway.</summary>
    public bool HangsUp { get; init; }

    public string Name => Rate is double rate ? $"{rate} requests/s" : Streams == 1 ? "1 stream" : $"{Streams} streams";

    public override string ToString() => string.Concat(
        $"{Name}, ",
        Requests is int requests ? $"{requests} requests, " : string.Empty,
        Duration is { } duration ? $"{duration.TotalSeconds} s, " : string.Empty,
        "prompts of ",
        SharedTokens > 0 ? $"{SharedTokens} shared and " : string.Empty,
        $"{Prompt.Text} tokens, answers of {Answer.Text}");
}
