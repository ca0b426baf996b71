using System.Text;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Sampling;

/// <summary>
/// DRY's sequence breakers as tokens: each token whose text contains a breaker, and each token whose text ends with the start of one,
/// followed by the tokens of the rest. It depends on the vocabulary and the strings only, so it can be shared by all sequences.
/// </summary>
public sealed class DryBreakers
{
    /// <summary>Most bytes of UTF-8 that a sequence breaker may have.</summary>
    public const int MaximumBytes = 40;

    private const int MaximumTailTokens = 20;

    private readonly Dictionary<int, List<int[]>> _tails = [];
    private readonly HashSet<int> _single = [];

    private DryBreakers()
    {
    }

    /// <summary>No breakers.</summary>
    public static DryBreakers None { get; } = new();

    /// <summary>Finds the tokens of the breakers in a model's vocabulary.</summary>
    /// <param name="breakers">The strings, as <see cref="SamplingOptions.DrySequenceBreakers"/>.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <exception cref="SamplingOptionException">A breaker is empty or too long, or there are too many.</exception>
    public static DryBreakers Create(IReadOnlyList<string> breakers, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return Create(
            breakers,
            tokenizer.VocabularySize,
            tokenizer.TokenBytes,
            text => tokenizer.Encode(text, addSpecial: false, parseSpecial: false));
    }

    /// <summary>Finds the tokens of the breakers.</summary>
    /// <param name="breakers">The strings, as <see cref="SamplingOptions.DrySequenceBreakers"/>.</param>
    /// <param name="vocabularySize">How many tokens there are.</param>
    /// <param name="tokenText">The bytes that a token stands for, special tokens' names included.</param>
    /// <param name="tokenize">The tokens of a text, without special tokens and without a token for the start.</param>
    /// <exception cref="SamplingOptionException">A breaker is empty or too long, or there are too many.</exception>
    public static DryBreakers Create(
        IReadOnlyList<string> breakers,
        int vocabularySize,
        Func<int, ReadOnlySpan<byte>> tokenText,
        Func<string, IReadOnlyList<int>> tokenize)
    {
        ArgumentNullException.ThrowIfNull(breakers);
        ArgumentNullException.ThrowIfNull(tokenText);
        ArgumentNullException.ThrowIfNull(tokenize);
        Validate(breakers);
        var result = new DryBreakers();
        var texts = breakers.Select(Encoding.UTF8.GetBytes).ToArray();
        var tails = new Dictionary<(int Breaker, int Start), int[]?>();
        for (var token = 0; token < vocabularySize; token++)
        {
            var word = tokenText(token);
            for (var breaker = 0; breaker < texts.Length; breaker++)
            {
                if (word.IndexOf(texts[breaker]) >= 0)
                {
                    result._single.Add(token);
                    continue;
                }

                // The word may end with any proper start of the breaker.
                for (var length = Math.Min(word.Length, texts[breaker].Length - 1); length > 0; length--)
                {
                    if (word.EndsWith(texts[breaker].AsSpan(0, length)) && Tail(breaker, length) is { } tail)
                    {
                        result.Add(token, tail);
                    }
                }
            }
        }

        return result;

        int[]? Tail(int breaker, int start)
        {
            if (!tails.TryGetValue((breaker, start), out var tail))
            {
                tail = Tokenize(texts[breaker].AsSpan(start), tokenize);
                tails[(breaker, start)] = tail;
            }

            return tail;
        }
    }

    /// <summary>Breakers that are given as token sequences.</summary>
    internal static DryBreakers FromTokens(IEnumerable<IReadOnlyList<int>> sequences)
    {
        var result = new DryBreakers();
        foreach (var sequence in sequences)
        {
            if (sequence.Count == 1)
            {
                result._single.Add(sequence[0]);
            }
            else
            {
                result.Add(sequence[0], [.. sequence.Skip(1)]);
            }
        }

        return result;
    }

    internal static void Validate(IReadOnlyList<string> breakers)
    {
        const string Option = nameof(SamplingOptions.DrySequenceBreakers);
        if (breakers is null || breakers.Count > SamplingOptions.MaximumSequenceBreakers)
        {
            throw new SamplingOptionException(
                Option,
                breakers is null ? "null" : $"a list of {breakers.Count} strings",
                $"a list of at most {SamplingOptions.MaximumSequenceBreakers} strings");
        }

        foreach (var breaker in breakers)
        {
            if (string.IsNullOrEmpty(breaker) || Encoding.UTF8.GetByteCount(breaker) > MaximumBytes)
            {
                throw new SamplingOptionException(Option, $"a list with \"{breaker}\"", $"strings of 1 to {MaximumBytes} bytes of UTF-8");
            }
        }
    }

    /// <summary>Whether the token alone contains a breaker.</summary>
    internal bool IsBreaker(int token) => _single.Contains(token);

    /// <summary>How many tokens follow the last breaker; all of them if there is none.</summary>
    /// <param name="reversed">The sequence's tokens, the last one first.</param>
    internal int DistanceFromEnd(ReadOnlySpan<int> reversed)
    {
        for (var i = 0; i < reversed.Length; i++)
        {
            var longest = _single.Contains(reversed[i]) ? 0 : -1;
            if (_tails.TryGetValue(reversed[i], out var tails))
            {
                foreach (var tail in tails)
                {
                    longest = Follows(reversed[..i], tail) ? Math.Max(longest, tail.Length) : longest;
                }
            }

            if (longest >= 0)
            {
                return i - longest;
            }
        }

        return reversed.Length;
    }

    private static bool Follows(ReadOnlySpan<int> reversed, int[] tail)
    {
        if (tail.Length > reversed.Length)
        {
            return false;
        }

        for (var i = 0; i < tail.Length; i++)
        {
            if (reversed[^(i + 1)] != tail[i])
            {
                return false;
            }
        }

        return true;
    }

    private static int[]? Tokenize(ReadOnlySpan<byte> text, Func<string, IReadOnlyList<int>> tokenize)
    {
        // A rest that starts inside a character has no tokens of its own.
        if ((text[0] & 0xC0) == 0x80)
        {
            return null;
        }

        var tokens = tokenize(Encoding.UTF8.GetString(text));
        return tokens.Count == 0 ? null : [.. tokens.Take(MaximumTailTokens)];
    }

    private void Add(int token, int[] tail)
    {
        if (!_tails.TryGetValue(token, out var tails))
        {
            _tails[token] = tails = [];
        }

        if (!tails.Exists(other => other.AsSpan().SequenceEqual(tail)))
        {
            tails.Add(tail);
        }
    }
}
