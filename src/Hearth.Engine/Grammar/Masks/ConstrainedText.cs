using Hearth.Engine.Grammar.Machine;
using Hearth.Engine.Sampling;

namespace Hearth.Engine.Grammar.Masks;

/// <summary>An answer under a constraint: where it is in the grammar. For one thread at a time.</summary>
internal sealed class ConstrainedText
{
    private readonly TokenAutomaton _automaton;
    private readonly int _vocabularySize;
    private Configuration _current;
    private int[] _forced;
    private int _nextForced;
    private float[]? _masked;

    /// <param name="automaton">The constraint.</param>
    /// <param name="vocabularySize">Tokens of the vocabulary.</param>
    public ConstrainedText(TokenAutomaton automaton, int vocabularySize)
    {
        _automaton = automaton;
        _vocabularySize = vocabularySize;
        _current = automaton.Begin();
        _forced = automaton.Forced(_current);
    }

    /// <summary>Whether nothing may follow.</summary>
    public bool IsComplete => !_current.IsLive;

    /// <summary>The token that must follow; null when there is a choice.</summary>
    public int? Forced => _nextForced < _forced.Length ? _forced[_nextForced] : null;

    /// <summary>Chooses the next token: the one that must follow, else one of those that may.</summary>
    /// <param name="sampler">Chooses.</param>
    /// <param name="logits"><c>[vocabulary]</c>.</param>
    /// <exception cref="GrammarException">The grammar is too ambiguous here, or the vocabulary has no token for it.</exception>
    /// <exception cref="InvalidLogitsException">A logit is no number, or the request itself excludes every allowed token.</exception>
    public int Choose(Sampler sampler, ReadOnlySpan<float> logits)
    {
        if (Forced is int forced)
        {
            return forced;
        }

        _masked ??= new float[_vocabularySize];
        _automaton.Mask(_current).Apply(logits, _masked);
        return sampler.Sample(_masked);
    }

    /// <summary>Goes on behind a token, which must be one that <see cref="Choose"/> or <see cref="Forced"/> gave.</summary>
    /// <exception cref="GrammarException">The grammar is too ambiguous here.</exception>
    public void Accept(int token)
    {
        bool wasForced = Forced is not null;
        _current = _automaton.Advance(_current, token) ?? throw new InvalidOperationException($"Token {token} is not allowed here.");
        if (wasForced && ++_nextForced < _forced.Length)
        {
            return;
        }

        _forced = _automaton.Forced(_current);
        _nextForced = 0;
    }

    /// <summary>How many of some tokens may follow, one after the other.</summary>
    public int CountAllowed(IReadOnlyList<int> tokens)
    {
        Configuration current = _current;
        for (int i = 0; i < tokens.Count; i++)
        {
            bool mustBeOther = _nextForced + i < _forced.Length && tokens[i] != _forced[_nextForced + i];
            if (mustBeOther || _automaton.Advance(current, tokens[i]) is not Configuration next)
            {
                return i;
            }

            current = next;
        }

        return tokens.Count;
    }
}
