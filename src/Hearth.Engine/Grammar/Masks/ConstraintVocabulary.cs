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

    /// <summary>Does what takes long before the model's own thread needs it.</summary>
    public void Prepare(GenerationConstraint? constraint)
    {
        if (constraint is not null)
        {
            TokenAutomaton automaton = For(constraint);
            automaton.Forced(automaton.Begin());
        }
    }

    /// <summary>A constraint over this vocabulary.</summary>
    public TokenAutomaton For(GenerationConstraint constraint) => _automata.GetValue(
        constraint, key => new TokenAutomaton(key.Automaton, _trie.Value, tokenizer.Special.EndOfGeneration, tokenizer.EncodeContinuation));

    // Control tokens are not text, whatever they are called.
    private static byte[] BytesOf(Tokenizer tokenizer, int token)
    {
        TokenAttributes attributes = tokenizer.AttributesOf(token);
        bool isText = attributes != TokenAttributes.None
            && (attributes & (TokenAttributes.Control | TokenAttributes.Unknown | TokenAttributes.Unused)) == 0
            && !tokenizer.IsEndOfGeneration(token);
        return isText ? tokenizer.TokenBytes(token).ToArray() : [];
    }
}
