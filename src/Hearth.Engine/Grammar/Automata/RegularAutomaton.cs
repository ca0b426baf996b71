namespace Hearth.Engine.Grammar.Automata;

/// <summary>An automaton without calls, whose states without reading are skipped.</summary>
internal sealed class RegularAutomaton
{
    private readonly AutomatonBuilder _builder = new(isRegular: true);
    private readonly Dictionary<int, (byte Low, byte High, int Target)[]> _readers = [];
    private readonly int _end;

    public RegularAutomaton(Expression expression)
    {
        Start = _builder.AddState();
        _end = _builder.AddState();
        expression.Emit(_builder, Start, _end);
    }

    /// <summary>Where texts begin.</summary>
    public int Start { get; }

    /// <summary>Whether a text may end in a state.</summary>
    public bool IsAccepting(int state) => Array.IndexOf(Closure([state]), _end) >= 0;

    /// <summary>Whether a text may end in one of some states.</summary>
    public bool AnyAccepting(int[] states) => Array.IndexOf(states, _end) >= 0;

    /// <summary>The bytes that may be read in a state, and where they lead.</summary>
    public (byte Low, byte High, int Target)[] Readers(int state)
    {
        if (!_readers.TryGetValue(state, out (byte, byte, int)[]? readers))
        {
            readers = [.. Closure([state]).SelectMany(_builder.From).Where(transition => transition.Kind == TransitionKind.Bytes)
                .Select(transition => ((byte)transition.Low, (byte)transition.High, transition.Target)).Distinct()];
            _readers.Add(state, readers);
        }

        return readers;
    }

    /// <summary>Some states and all that are reached from them without reading, in order.</summary>
    public int[] Closure(IEnumerable<int> states)
    {
        SortedSet<int> seen = [.. states];
        Stack<int> open = new(seen);
        while (open.TryPop(out int state))
        {
            foreach (AutomatonBuilder.Transition transition in _builder.From(state))
            {
                if (transition.Kind == TransitionKind.Empty && seen.Add(transition.Target))
                {
                    open.Push(transition.Target);
                }
            }
        }

        return [.. seen];
    }

    /// <summary>Whether a text satisfies the expression.</summary>
    public bool Accepts(ReadOnlySpan<byte> text)
    {
        int[] states = Closure([Start]);
        foreach (byte value in text)
        {
            List<int> next = [];
            foreach (int state in states)
            {
                foreach (AutomatonBuilder.Transition transition in _builder.From(state))
                {
                    if (transition.Kind == TransitionKind.Bytes && transition.Low <= value && value <= transition.High)
                    {
                        next.Add(transition.Target);
                    }
                }
            }

            states = Closure(next);
        }

        return Array.IndexOf(states, _end) >= 0;
    }
}
