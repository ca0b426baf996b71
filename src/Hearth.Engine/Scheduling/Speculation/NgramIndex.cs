namespace Hearth.Engine.Scheduling.Speculation;

/// <summary>
/// Where in a text each run of <see cref="Length"/> tokens stood last, to guess that what followed it follows again (prompt lookup decoding;
/// Saxena, 2023).
/// </summary>
internal sealed class NgramIndex
{
    /// <summary>Tokens of a run.</summary>
    public const int Length = 3;

    private readonly Dictionary<Ngram, int> _ends = [];
    private int _indexed;

    /// <summary>Takes in the tokens that came since the last call, and finds what followed the last run before.</summary>
    /// <param name="tokens">The whole text.</param>
    /// <param name="maximum">Tokens wanted at most.</param>
    /// <returns>A part of <paramref name="tokens"/>; empty when the last run is new.</returns>
    public ReadOnlySpan<int> Continue(ReadOnlySpan<int> tokens, int maximum)
    {
        // The last run is looked up before it is entered, or it would find itself.
        for (int end = Math.Max(_indexed, Length); end < tokens.Length; end++)
        {
            _ends[Ngram.Before(tokens, end)] = end;
        }

        _indexed = Math.Max(_indexed, tokens.Length);
        return tokens.Length >= Length && _ends.TryGetValue(Ngram.Before(tokens, tokens.Length), out int next)
            ? tokens.Slice(next, Math.Min(maximum, tokens.Length - next))
            : [];
    }

    private readonly record struct Ngram(int First, int Second, int Third)
    {
        public static Ngram Before(ReadOnlySpan<int> tokens, int end) => new(tokens[end - 3], tokens[end - 2], tokens[end - 1]);
    }
}
