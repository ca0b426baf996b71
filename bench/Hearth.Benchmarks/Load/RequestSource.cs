namespace Hearth.Benchmarks.Load;

/// <summary>
/// Makes the requests of a plan. A request depends on the seed, the run and its index alone, so two servers get the same ones; requests of
/// other runs are others, so nothing is in a cache because an earlier run put it there.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="words">Words in place of token ids, for chat.</param>
internal sealed class RequestSource(LoadPlan plan, WordCount? words = null)
{
    private const int HangUpShare = 3;
    private readonly Lock _lock = new();
    private (int Run, IReadOnlyList<int> Tokens) _shared = (-1, []);

    public LoadPlan Plan => plan;

    public LoadRequest Create(int run, int index)
    {
        SeededRandom random = new(plan.Seed, run, index);
        int promptTokens = plan.Prompt.Sample(random);
        int answerTokens = plan.Answer.Sample(random);
        HangUp? hangUp = plan.HangsUp && index % HangUpShare == HangUpShare - 1 ? HangUpOf(random, answerTokens) : null;
        IReadOnlyList<int> shared = SharedOf(run);
        int count = words is null ? promptTokens : words.For(promptTokens, isFirst: shared.Count == 0);
        return new LoadRequest(shared, Tokens(random, count), answerTokens, hangUp);
    }

    private static HangUp HangUpOf(SeededRandom random, int answerTokens) => random.NextDouble() < 0.5
        ? new HangUp(null, random.NextDouble())
        : new HangUp(random.Next(1, Math.Max(1, answerTokens - 1)), 0);

    private IReadOnlyList<int> SharedOf(int run)
    {
        lock (_lock)
        {
            if (_shared.Run != run)
            {
                int count = plan.SharedTokens == 0 || words is null ? plan.SharedTokens : words.For(plan.SharedTokens, isFirst: true);
                _shared = (run, Tokens(new SeededRandom(plan.Seed, run), count));
            }

            return _shared.Tokens;
        }
    }

    private int[] Tokens(SeededRandom random, int count)
    {
        LengthDistribution vocabulary = words is null ? plan.Vocabulary : ChatWords.Numbers;
        var tokens = new int[count];
        foreach (ref int token in tokens.AsSpan())
        {
            token = vocabulary.Sample(random);
        }

        return tokens;
    }
}
