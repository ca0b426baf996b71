namespace Hearth.Benchmarks.Load;

/// <summary>How many words give the wanted tokens, as a server counted two messages.</summary>
/// <param name="TokensPerWord">Tokens of a word.</param>
/// <param name="TemplateTokens">Tokens that the model's template puts around one message.</param>
internal sealed record WordCount(double TokensPerWord, double TemplateTokens)
{
    private const int Few = 8;
    private const int Many = 264;

    /// <summary>Asks a server.</summary>
    /// <exception cref="LoadException">It does not say how many tokens a prompt has.</exception>
    public static async Task<WordCount> MeasureAsync(LoadClient client, ulong seed, CancellationToken cancellationToken)
    {
        async Task<int> CountAsync(int words)
        {
            SeededRandom random = new(seed, words);
            LoadRequest request = new([], [.. Enumerable.Range(0, words).Select(_ => ChatWords.Numbers.Sample(random))], 1);
            RequestResult result = await client.SendAsync(request, new RequestOptions(), cancellationToken);
            return result.PromptTokens ?? throw new LoadException(
                $"{client.Name} does not say how many tokens a chat has: {result.Failure?.ToString() ?? "its answer has no usage"}");
        }

        int few = await CountAsync(Few), many = await CountAsync(Many);
        double perWord = (many - few) / (double)(Many - Few);
        return perWord > 0
            ? new WordCount(perWord, Math.Max(0, few - (Few * perWord)))
            : throw new LoadException(
                $"{client.Name} counts {few} tokens in {Few} words and {many} in {Many}: no length can be told from that.");
    }

    /// <summary>Words of a message.</summary>
    /// <param name="tokens">The wanted tokens.</param>
    /// <param name="isFirst">Whether the template's tokens count as this message's.</param>
    public int For(int tokens, bool isFirst) => Math.Max(1, (int)Math.Round((tokens - (isFirst ? TemplateTokens : 0)) / TokensPerWord));
}
