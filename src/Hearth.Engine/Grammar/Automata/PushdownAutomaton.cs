namespace Hearth.Engine.Grammar.Automata;

/// <summary>
/// A pushdown automaton over bytes, ready to run: without parts that lead nowhere, without left recursion, and with transitions in arrays.
/// From every state that is left the end of its rule can be reached. It is not changed, so any number of threads may use it.
/// </summary>
internal sealed class PushdownAutomaton
{
    private readonly int[] _byteStarts;
    private readonly ByteTransition[] _bytes;
    private readonly int[] _emptyStarts;
    private readonly int[] _empties;
    private readonly int[] _callStarts;
    private readonly CallTransition[] _calls;
    private readonly bool[] _ends;
    private readonly bool[] _tails;
    private readonly int[] _alike;
    private readonly int[] _ruleStarts;
    private readonly int[] _ranks;

    private PushdownAutomaton(AutomatonAnalysis analysis, int root)
    {
        AutomatonBuilder builder = analysis.Builder;
        int states = builder.StateCount;
        _byteStarts = new int[states + 1];
        _emptyStarts = new int[states + 1];
        _callStarts = new int[states + 1];
        List<ByteTransition> bytes = [];
        List<int> empties = [];
        List<CallTransition> calls = [];
        for (int state = 0; state < states; state++)
        {
            foreach (AutomatonBuilder.Transition transition in analysis.Useful(state))
            {
                switch (transition.Kind)
                {
                    case TransitionKind.Bytes:
                        bytes.Add(new ByteTransition((byte)transition.Low, (byte)transition.High, transition.Target));
                        break;
                    case TransitionKind.Empty:
                        empties.Add(transition.Target);
                        break;
                    default:
                        calls.Add(new CallTransition(transition.Low, transition.Target));
                        if (analysis.IsNullable(transition.Low))
                        {
                            empties.Add(transition.Target);
                        }

                        break;
                }
            }

            _byteStarts[state + 1] = bytes.Count;
            _emptyStarts[state + 1] = empties.Count;
            _callStarts[state + 1] = calls.Count;
        }

        _bytes = [.. bytes];
        _empties = [.. empties];
        _calls = [.. calls];
        _ends = new bool[states];
        foreach (AutomatonBuilder.Rule rule in builder.Rules)
        {
            _ends[rule.End] = true;
        }

        _alike = new int[states];
        for (int state = 0; state < states; state++)
        {
            _alike[state] = state;
        }

        foreach ((int state, int like) in builder.Alike)
        {
            _alike[state] = like;
        }

        _tails = FindTails();
        _ruleStarts = [.. builder.Rules.Select(rule => rule.Start)];
        _ranks = analysis.Ranks;
        RootStart = builder.Rules[root].Start;
    }

    /// <summary>Where the root rule begins.</summary>
    public int RootStart { get; }

    /// <summary>States.</summary>
    public int StateCount => _ends.Length;

    /// <summary>Makes an automaton.</summary>
    /// <param name="builder">Its rules.</param>
    /// <param name="root">The rule that whole texts follow.</param>
    /// <param name="what">What messages call it.</param>
    /// <exception cref="GrammarException">A rule is left-recursive, or nothing satisfies the root.</exception>
    public static PushdownAutomaton Create(AutomatonBuilder builder, int root, string what)
    {
        AutomatonAnalysis analysis = new(builder);
        return analysis.IsProductive(root) ? new PushdownAutomaton(analysis, root) : throw GrammarException.NothingMatches(what);
    }

    /// <summary>The transitions of a state that read a byte.</summary>
    public ReadOnlySpan<ByteTransition> Bytes(int state) => _bytes.AsSpan(_byteStarts[state], _byteStarts[state + 1] - _byteStarts[state]);

    /// <summary>Where a state leads without reading.</summary>
    public ReadOnlySpan<int> Empties(int state) => _empties.AsSpan(_emptyStarts[state], _emptyStarts[state + 1] - _emptyStarts[state]);

    /// <summary>The transitions of a state that read what a rule describes; that it may be empty is among <see cref="Empties"/>.</summary>
    public ReadOnlySpan<CallTransition> Calls(int state) => _calls.AsSpan(_callStarts[state], _callStarts[state + 1] - _callStarts[state]);

    /// <summary>Whether a rule ends in a state.</summary>
    public bool IsEnd(int state) => _ends[state];

    /// <summary>Whether nothing can follow in a state but the end of its rule.</summary>
    public bool IsTail(int state) => _tails[state];

    /// <summary>A state that allows the same tokens.</summary>
    public int Alike(int state) => _alike[state];

    /// <summary>Where a rule begins.</summary>
    public int RuleStart(int rule) => _ruleStarts[rule];

    /// <summary>The rule's place in an order in which rules come before those that they may begin with.</summary>
    public int Rank(int rule) => _ranks[rule];

    private bool[] FindTails()
    {
        // Whatever reaches a state with transitions that read, without reading itself, is no tail.
        List<int>[] sources = new List<int>[_ends.Length];
        Stack<int> open = [];
        bool[] reads = new bool[_ends.Length];
        for (int state = 0; state < reads.Length; state++)
        {
            foreach (int target in Empties(state))
            {
                (sources[target] ??= []).Add(state);
            }

            if (!Bytes(state).IsEmpty || !Calls(state).IsEmpty)
            {
                reads[state] = true;
                open.Push(state);
            }
        }

        while (open.TryPop(out int state))
        {
            foreach (int source in sources[state] ?? [])
            {
                if (!reads[source])
                {
                    reads[source] = true;
                    open.Push(source);
                }
            }
        }

        return [.. reads.Select(value => !value)];
    }

    /// <summary>Reads a byte.</summary>
    /// <param name="Low">The lowest.</param>
    /// <param name="High">The highest.</param>
    /// <param name="Target">Where it leads.</param>
    internal readonly record struct ByteTransition(byte Low, byte High, int Target);

    /// <summary>Reads what a rule describes.</summary>
    /// <param name="Rule">The rule.</param>
    /// <param name="Return">Where it leads.</param>
    internal readonly record struct CallTransition(int Rule, int Return);
}
