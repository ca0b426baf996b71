using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Grammar.Masks;

/// <summary>
/// A model's vocabulary under constraints. The tree of its tokens is made when the first constraint comes; what is found out about a constraint
/// is kept as long as the constraint is. Any number of threads may use it.
/// </summary>
/// <param name="tokenizer">The vocabulary.</param>
internal sealed class ConstraintVocabulary(Tokenizer tokenizer)
{
    private readonly Lazy<TokenTrie> _trie = new(() => new TokenTrie(tokenizer.VocabularySize, token => BytesOf(tokenizer, token)));
    private readonly ConditionalWeakTable<GenerationConstraint, TokenAutomaton> _automata = [];
    private readonly ConcurrentDictionary<string, int?> _marks = [];
    private readonly Lazy<int[]> _spaces = new(() => [.. Enumerable.Range(0, tokenizer.VocabularySize)
        .Where(token => BytesOf(tokenizer, token) is { Length: 1 or 2 } bytes && bytes.AsSpan().IndexOfAnyExcept((byte)' ', (byte)'\n') < 0)]);

    private readonly int[] _endTokens = [.. tokenizer.Special.EndOfGeneration.Where(token => (uint)token < (uint)tokenizer.VocabularySize)];

    /// <summary>The tokens that end an answer.</summary>
    public IReadOnlyList<int> EndTokens => _endTokens;

    /// <summary>Tokens of a space or a line end, or of two.</summary>
    public IReadOnlyList<int> SpaceTokens => _spaces.Value;

    /// <summary>Does what takes long before the model's own thread needs it.</summary>
    public void Prepare(GenerationConstraint? constraint)
    {
        if (constraint is not null)
        {
            TokenAutomaton automaton = For(constraint);
            if (automaton.Forced(automaton.Begin()).Length == 0)
            {
                automaton.Mask(automaton.Begin());
            }
        }
    }

    /// <summary>The token of a mark, or null.</summary>
    public int? FindToken(string mark) => _marks.GetOrAdd(mark, tokenizer.FindToken);

    /// <summary>The bytes of any token, special or not.</summary>
    public ReadOnlySpan<byte> BytesOf(int token) => tokenizer.TokenBytes(token);

    /// <summary>A constraint over this vocabulary.</summary>
    public TokenAutomaton For(GenerationConstraint constraint) => _automata.GetValue(constraint, key =>
    {
        if (key.TextTokens.Count == 0)
        {
            return new TokenAutomaton(key.Automaton, _trie.Value, _endTokens, tokenizer.EncodeContinuation);
        }

        HashSet<int> texts = [.. key.TextTokens.Select(FindToken).OfType<int>().Where(token => !tokenizer.IsEndOfGeneration(token))];
        TokenTrie trie = new(tokenizer.VocabularySize, token => texts.Contains(token) ? tokenizer.TokenBytes(token).ToArray() : BytesOf(tokenizer, token));
        return new TokenAutomaton(key.Automaton, trie, _endTokens, text => Encode(text, key.TextTokens));
    });

    // Control tokens that are text are written as what they are.
    private List<int> Encode(string text, IReadOnlyList<string> controls)
    {
        List<int> tokens = [];
        int start = 0;
        for (int at = 0; at < text.Length;)
        {
            string? control = controls.FirstOrDefault(control => FindToken(control) is not null && string.CompareOrdinal(text, at, control, 0, control.Length) == 0);
            if (control is null)
            {
                at++;
                continue;
            }

            tokens.AddRange(tokenizer.EncodeContinuation(text[start..at]));
            tokens.Add(FindToken(control)!.Value);
            at += control.Length;
            start = at;
        }

        tokens.AddRange(tokenizer.EncodeContinuation(text[start..]));
        return tokens;
    }

    // Control tokens are not text, whatever they are called.
    private static byte[] BytesOf(Tokenizer tokenizer, int token)
    {
        TokenAttributes attributes = tokenizer.AttributesOf(token);
        if (attributes == TokenAttributes.None || (attributes & (TokenAttributes.Unknown | TokenAttributes.Unused)) != 0 || tokenizer.IsEndOfGeneration(token))
        {
            return [];
        }

        if (tokenizer.IsControl(token))
        {
            return ControlTokens.Bytes(tokenizer.TokenText(token));
        }

        ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(token);
        return bytes.Contains(ControlTokens.Delimiter) ? [] : bytes.ToArray();
    }
}
