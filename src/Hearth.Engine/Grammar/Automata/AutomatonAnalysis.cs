namespace Hearth.Engine.Grammar.Automata;

/// <summary>
/// What must be known about rules before they run: which may be empty, which lead to an end, and which may begin with which. Each question is
/// answered in one pass over the transitions.
/// </summary>
internal sealed class AutomatonAnalysis
{
    private readonly bool[] _nullable;
    private readonly bool[] _productive;
    private readonly List<int>[] _calledFirst;

    /// <exception cref="GrammarException">A rule is left-recursive.</exception>
    public AutomatonAnalysis(AutomatonBuilder builder)
    {
        Builder = builder;
        _productive = FindProductive();
        _nullable = new bool[builder.Rules.Count];
        _calledFirst = new List<int>[builder.Rules.Count];
        FindBeginnings();
        Ranks = FindRanks();
    }

    public AutomatonBuilder Builder { get; }

    /// <summary>Each rule's place in an order in which rules come before those that they may begin with.</summary>
    public int[] Ranks { get; }

    /// <summary>Whether a rule may read nothing.</summary>
    public bool IsNullable(int rule) => _nullable[rule];

    /// <summary>Whether a text satisfies a rule.</summary>
    public bool IsProductive(int rule) => _productive[Builder.Rules[rule].Start];

    /// <summary>The transitions of a state that lead on.</summary>
    public IEnumerable<AutomatonBuilder.Transition> Useful(int state)
    {
        foreach (AutomatonBuilder.Transition transition in Builder.From(state))
        {
            if (_productive[transition.Target] && (transition.Kind != TransitionKind.Call || IsProductive(transition.Low)))
            {
                yield return transition;
            }
        }
    }

    private bool[] FindProductive()
    {
        int states = Builder.StateCount;
        List<(int Source, int Rule)>[] sources = new List<(int, int)>[states];
        for (int state = 0; state < states; state++)
        {
            foreach (AutomatonBuilder.Transition transition in Builder.From(state))
            {
                (sources[transition.Target] ??= []).Add((state, transition.Kind == TransitionKind.Call ? transition.Low : -1));
            }
        }

        Dictionary<int, int> ruleOfStart = [];
        bool[] productive = new bool[states];
        Stack<int> open = [];
        void Mark(int state)
        {
            if (!productive[state])
            {
                productive[state] = true;
                open.Push(state);
            }
        }

        for (int rule = 0; rule < Builder.Rules.Count; rule++)
        {
            ruleOfStart[Builder.Rules[rule].Start] = rule;
            Mark(Builder.Rules[rule].End);
        }

        List<int>[] waiting = new List<int>[Builder.Rules.Count];
        while (open.TryPop(out int state))
        {
            foreach ((int source, int rule) in sources[state] ?? [])
            {
                if (rule < 0 || productive[Builder.Rules[rule].Start])
                {
                    Mark(source);
                }
                else
                {
                    (waiting[rule] ??= []).Add(source);
                }
            }

            if (ruleOfStart.TryGetValue(state, out int started))
            {
                (waiting[started] ?? []).ForEach(Mark);
            }
        }

        return productive;
    }

    // What a rule may begin with: the calls in states that are reached without reading.
    private void FindBeginnings()
    {
        int[] ruleOf = new int[Builder.StateCount];
        Array.Fill(ruleOf, -1);
        List<(int State, int Rule)>[] waiting = new List<(int, int)>[Builder.Rules.Count];
        Stack<int> open = [];
        void Reach(int state, int rule)
        {
            if (ruleOf[state] < 0)
            {
                ruleOf[state] = rule;
                open.Push(state);
            }
        }

        for (int rule = 0; rule < Builder.Rules.Count; rule++)
        {
            _calledFirst[rule] = [];
            if (IsProductive(rule))
            {
                Reach(Builder.Rules[rule].Start, rule);
            }
        }

        while (open.TryPop(out int state))
        {
            int rule = ruleOf[state];
            if (state == Builder.Rules[rule].End)
            {
                _nullable[rule] = true;
                (waiting[rule] ?? []).ForEach(after => Reach(after.State, after.Rule));
            }

            foreach (AutomatonBuilder.Transition transition in Useful(state))
            {
                if (transition.Kind == TransitionKind.Empty)
                {
                    Reach(transition.Target, rule);
                }
                else if (transition.Kind == TransitionKind.Call)
                {
                    _calledFirst[rule].Add(transition.Low);
                    if (_nullable[transition.Low])
                    {
                        Reach(transition.Target, rule);
                    }
                    else
                    {
                        (waiting[transition.Low] ??= []).Add((transition.Target, rule));
                    }
                }
            }
        }
    }

    // Depth first, without recursion: a rule gets its place when all that it may begin with have theirs, from the end.
    private int[] FindRanks()
    {
        int count = Builder.Rules.Count;
        int[] ranks = new int[count];
        int[] visited = new int[count];
        int next = count;
        List<(int Rule, int Child)> path = [];
        for (int root = 0; root < count; root++)
        {
            if (visited[root] != 0)
            {
                continue;
            }

            visited[root] = 1;
            path.Add((root, 0));
            while (path.Count > 0)
            {
                (int rule, int child) = path[^1];
                if (child == _calledFirst[rule].Count)
                {
                    visited[rule] = 2;
                    ranks[rule] = --next;
                    path.RemoveAt(path.Count - 1);
                    continue;
                }

                path[^1] = (rule, child + 1);
                int called = _calledFirst[rule][child];
                if (visited[called] == 1)
                {
                    IEnumerable<string> cycle = path.SkipWhile(step => step.Rule != called).Select(step => Builder.Rules[step.Rule].Name);
                    throw GrammarException.LeftRecursive(string.Join(" begins with ", cycle.Take(8).Append(Builder.Rules[called].Name)));
                }

                if (visited[called] == 0)
                {
                    visited[called] = 1;
                    path.Add((called, 0));
                }
            }
        }

        return ranks;
    }
}
