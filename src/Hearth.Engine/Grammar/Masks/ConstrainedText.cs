using System.Text;
using Hearth.Engine.Grammar.Machine;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;

namespace Hearth.Engine.Grammar.Masks;

/// <summary>An answer under a constraint: where it is in the grammar, or still in what comes before. For one thread at a time.</summary>
internal sealed class ConstrainedText
{
    // What models write between their reasoning and the answer.
    private const int MaxSpaces = 4;
    private readonly ConstraintVocabulary _vocabulary;
    private readonly TokenAutomaton _automaton;
    private readonly int? _open;
    private readonly byte[] _close = [];
    private readonly List<byte> _end = [];
    private Phase _phase;
    private int _spaces;
    private Configuration _current;
    private int[] _forced = [];
    private int _nextForced;
    private float[]? _masked;

    /// <param name="vocabulary">The model's vocabulary.</param>
    /// <param name="constraint">The constraint.</param>
    /// <param name="preamble">What may come before; null for nothing.</param>
    public ConstrainedText(ConstraintVocabulary vocabulary, GenerationConstraint constraint, ConstraintPreamble? preamble)
    {
        _vocabulary = vocabulary;
        _automaton = vocabulary.For(constraint);
        _current = _automaton.Begin();
        _open = preamble?.Open is string open ? vocabulary.FindToken(open) : null;
        _phase = preamble is null ? Phase.Inside : preamble.Open is null ? Phase.Before : _open is null ? Phase.Inside : Phase.Beginning;
        if (preamble is not null)
        {
            _close = Encoding.UTF8.GetBytes(preamble.Close);
        }

        if (_phase == Phase.Inside)
        {
            _forced = _automaton.Forced(_current);
        }
    }

    private enum Phase
    {
        /// <summary>The answer may begin with what comes before.</summary>
        Beginning,

        /// <summary>In what comes before.</summary>
        Before,

        /// <summary>Behind it: there may be white space.</summary>
        Between,

        /// <summary>In the text that the constraint is about.</summary>
        Inside,
    }

    /// <summary>Whether nothing may follow.</summary>
    public bool IsComplete => _phase == Phase.Inside && !_current.IsLive;

    /// <summary>Whether the text that the constraint is about has begun.</summary>
    public bool HasBegun => _phase == Phase.Inside;

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

        _masked ??= new float[logits.Length];
        if (_phase == Phase.Before)
        {
            logits.CopyTo(_masked);
            foreach (int token in _vocabulary.EndTokens)
            {
                _masked[token] = float.NegativeInfinity;
            }
        }
        else
        {
            _automaton.Mask(_current).Apply(logits, _masked);
            Allow(_phase == Phase.Beginning ? [_open!.Value] : _phase == Phase.Between && _spaces < MaxSpaces ? _vocabulary.SpaceTokens : [], logits);
        }

        return sampler.Sample(_masked);
    }

    /// <summary>Goes on behind a token, which must be one that <see cref="Choose"/> or <see cref="Forced"/> gave.</summary>
    /// <exception cref="GrammarException">The grammar is too ambiguous here.</exception>
    public void Accept(int token)
    {
        if (_phase == Phase.Before || (_phase == Phase.Beginning && token == _open))
        {
            Pass(token);
            return;
        }

        if (_automaton.Advance(_current, token) is not Configuration next)
        {
            _spaces++;
            return;
        }

        bool wasForced = Forced is not null;
        _phase = Phase.Inside;
        _current = next;
        if (!wasForced || ++_nextForced == _forced.Length)
        {
            _forced = _automaton.Forced(_current);
            _nextForced = 0;
        }
    }

    /// <summary>How many of some tokens may follow, one after the other.</summary>
    public int CountAllowed(IReadOnlyList<int> tokens)
    {
        if (_phase != Phase.Inside)
        {
            return tokens.Count;
        }

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

    private void Allow(IReadOnlyList<int> tokens, ReadOnlySpan<float> logits)
    {
        foreach (int token in tokens)
        {
            _masked![token] = logits[token];
        }
    }

    private void Pass(int token)
    {
        _phase = Phase.Before;
        ReadOnlySpan<byte> bytes = _vocabulary.BytesOf(token);
        for (int i = 0; i < bytes.Length; i++)
        {
            // White space may be in the token that ends the mark; with anything else in it the mark is not one.
            _end.Add(bytes[i]);
            if (_end.Count >= _close.Length && _end.TakeLast(_close.Length).SequenceEqual(_close) && bytes[(i + 1)..].Trim(" \n"u8).IsEmpty)
            {
                _phase = Phase.Between;
            }
        }

        if (_end.Count > 4 * GrammarLimits.TokenBytes)
        {
            _end.RemoveRange(0, _end.Count - _close.Length);
        }
    }
}
