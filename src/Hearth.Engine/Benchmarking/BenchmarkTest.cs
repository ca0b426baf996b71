using System.Globalization;

namespace Hearth.Engine.Benchmarking;

/// <summary>What one measurement does, under the names of llama-bench: a prompt is read, then tokens are made one by one.</summary>
/// <param name="PromptTokens">Tokens of the prompt; 0 for none.</param>
/// <param name="GeneratedTokens">Tokens that follow, a step each; 0 for none.</param>
/// <param name="Depth">Tokens that are in the cache before; they are not measured.</param>
/// <param name="BatchTokens">Tokens of the prompt that a step takes at most.</param>
public readonly record struct BenchmarkTest(int PromptTokens, int GeneratedTokens, int Depth, int BatchTokens)
{
    /// <summary>Tokens that are measured.</summary>
    public int Tokens => PromptTokens + GeneratedTokens;

    /// <summary>Positions that the test needs.</summary>
    public long Positions => (long)Depth + PromptTokens + GeneratedTokens;

    /// <summary>The name: <c>pp512</c>, <c>tg128</c>, <c>pp512+tg128</c>, <c>tg128 @ d4096</c>.</summary>
    public string Name
    {
        get
        {
            string prompt = PromptTokens > 0 ? string.Create(CultureInfo.InvariantCulture, $"pp{PromptTokens}") : string.Empty;
            string generated = GeneratedTokens > 0 ? string.Create(CultureInfo.InvariantCulture, $"tg{GeneratedTokens}") : string.Empty;
            string depth = Depth > 0 ? string.Create(CultureInfo.InvariantCulture, $" @ d{Depth}") : string.Empty;
            return prompt + (prompt.Length > 0 && generated.Length > 0 ? "+" : string.Empty) + generated + depth;
        }
    }

    /// <summary>Every combination: for each depth and batch size the prompts, then the generations, then the pairs. Zeros are left out.</summary>
    /// <param name="prompts">Lengths of prompts that are read alone.</param>
    /// <param name="generations">Numbers of tokens that are made alone.</param>
    /// <param name="pairs">Prompts with the tokens that follow them, measured as one.</param>
    /// <param name="depths">Tokens that are in the cache before.</param>
    /// <param name="batches">Tokens of a prompt that a step takes at most.</param>
    public static IReadOnlyList<BenchmarkTest> Combine(
        IReadOnlyList<int> prompts,
        IReadOnlyList<int> generations,
        IReadOnlyList<(int Prompt, int Generation)> pairs,
        IReadOnlyList<int> depths,
        IReadOnlyList<int> batches)
    {
        (int Prompt, int Generation)[] alone =
            [.. prompts.Select(prompt => (prompt, 0)), .. generations.Select(generation => (0, generation)), .. pairs];
        return
        [
            .. from depth in depths
               from batch in batches
               from test in alone
               where test.Prompt > 0 || test.Generation > 0
               select new BenchmarkTest(test.Prompt, test.Generation, depth, batch),
        ];
    }
}
