namespace Hearth.Benchmarks.Load;

/// <summary>What happens, and what its options are unless they are given.</summary>
internal sealed record Scenario(string Name, int[] Streams, int? Requests, string Prompt, string Answer, int SharedTokens, int Rounds)
{
    /// <summary>Streams or arrivals, as the options say.</summary>
    public static Scenario None { get; } = new("load", [8], null, "128", "64", 0, 3);

    /// <summary>A long prompt arrives where streams run.</summary>
    public static Scenario Arrival { get; } = new("arrival", [7], null, "2000", "512", 0, 3);

    /// <summary>Many short requests with one long start.</summary>
    public static Scenario Shared { get; } = new("shared", [8], 50, "32", "16", 1500, 3);

    /// <summary>A third of the clients go away.</summary>
    public static Scenario HangUp { get; } = new("hangup", [64], 10_000, "16:64", "8:32", 0, 1);

    /// <summary>Tokens of the prompts of the streams that run when the long one arrives.</summary>
    public static LengthDistribution RunningPrompt { get; } = LengthDistribution.Parse("64");

    /// <summary>Tokens of the answer to the prompt that arrives.</summary>
    public static LengthDistribution ArrivingAnswer { get; } = LengthDistribution.Parse("16");

    /// <summary>What a plan is in this scenario, in a line.</summary>
    public string Describe(LoadPlan plan) => this == Arrival
        ? $"{Name}: {plan.Name} with answers of {plan.Answer.Text} tokens; then a prompt of {plan.Prompt.Text} arrives"
        : $"{Name}: {plan}";

    public static Scenario Find(string? name) => name switch
    {
        "arrival" => Arrival,
        "shared" => Shared,
        "hangup" => HangUp,
        _ => None,
    };
}
