namespace Hearth.Engine.Grammar.Automata;

/// <summary>
/// Collects the states of a pushdown automaton over bytes: rules, each with a start and an end, and transitions that read a byte, read
/// nothing, or read what another rule describes.
/// </summary>
/// <param name="isRegular">Whether there may be no calls: what else would become a rule is written out.</param>
internal sealed class AutomatonBuilder(bool isRegular = false)
{
    private readonly List<int> _heads = [];
    private readonly List<Transition> _transitions = [];
    private readonly List<Rule> _rules = [];
    private readonly List<(int State, int Like)> _alike = [];

    /// <summary>Whether there may be no calls.</summary>
    public bool IsRegular => isRegular;

    /// <summary>States so far.</summary>
    public int StateCount => _heads.Count;

    /// <summary>The rules.</summary>
    public IReadOnlyList<Rule> Rules => _rules;

    /// <summary>States that allow the same tokens as another one, since what distinguishes them is out of a token's reach.</summary>
    public IReadOnlyList<(int State, int Like)> Alike => _alike;

    /// <summary>Adds a rule, still without a body.</summary>
    /// <param name="name">What messages call it.</param>
    public int AddRule(string name)
    {
        _rules.Add(new Rule(name, AddState(), AddState()));
        return _rules.Count - 1;
    }

    /// <summary>Gives a rule an alternative.</summary>
    public void Define(int rule, Expression body) => body.Emit(this, _rules[rule].Start, _rules[rule].End);

    /// <summary>Adds a rule with a body.</summary>
    public int AddRule(string name, Expression body)
    {
        int rule = AddRule(name);
        Define(rule, body);
        return rule;
    }

    public int AddState()
    {
        int most = isRegular ? GrammarLimits.RegularStates : GrammarLimits.States;
        if (_heads.Count >= most)
        {
            throw GrammarException.TooComplex($"more than {most} states", "fewer");
        }

        _heads.Add(-1);
        return _heads.Count - 1;
    }

    /// <summary>Reads a byte from a range.</summary>
    public void AddBytes(int from, byte low, byte high, int to) => Add(from, TransitionKind.Bytes, low, high, to);

    /// <summary>Reads nothing.</summary>
    public void AddEmpty(int from, int to) => Add(from, TransitionKind.Empty, 0, 0, to);

    /// <summary>Reads what a rule describes.</summary>
    public void AddCall(int from, int rule, int to) => Add(from, TransitionKind.Call, rule, 0, to);

    /// <summary>Notes that a state allows the same tokens as another one.</summary>
    public void MarkAlike(int state, int like) => _alike.Add((state, like));

    /// <summary>The transitions of a state.</summary>
    public IEnumerable<Transition> From(int state)
    {
        for (int i = _heads[state]; i >= 0; i = _transitions[i].Next)
        {
            yield return _transitions[i];
        }
    }

    private void Add(int from, TransitionKind kind, int low, int high, int to)
    {
        if (_transitions.Count >= GrammarLimits.Transitions)
        {
            throw GrammarException.TooComplex($"more than {GrammarLimits.Transitions} transitions", "fewer");
        }

        _transitions.Add(new Transition(kind, low, high, to, _heads[from]));
        _heads[from] = _transitions.Count - 1;
    }

    /// <summary>A rule.</summary>
    /// <param name="Name">What messages call it.</param>
    /// <param name="Start">Where it begins.</param>
    /// <param name="End">Where it ends; nothing leads on from there.</param>
    internal readonly record struct Rule(string Name, int Start, int End);

    /// <summary>A transition.</summary>
    /// <param name="Kind">What it reads.</param>
    /// <param name="Low">The lowest byte, or the rule.</param>
    /// <param name="High">The highest byte.</param>
    /// <param name="Target">Where it leads.</param>
    /// <param name="Next">The state's next transition, or -1.</param>
    internal readonly record struct Transition(TransitionKind Kind, int Low, int High, int Target, int Next);
}

/// <summary>What a transition reads.</summary>
internal enum TransitionKind : byte
{
    /// <summary>A byte.</summary>
    Bytes,

    /// <summary>Nothing.</summary>
    Empty,

    /// <summary>What a rule describes.</summary>
    Call,
}
