using System.Diagnostics.CodeAnalysis;
using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Grammar.Machine;

/// <summary>
/// Runs an automaton over all ways to read a text at once, and remembers where each byte led: the automaton is made deterministic as far
/// as it is used. The number of places is bounded by the automaton's size and the depth of its stack, as in Earley's algorithm (1970), so no
/// ambiguity makes it exponential. For one thread at a time.
/// </summary>
internal sealed class ConfigurationTable
{
    private const int MaxConfigurations = 1 << 14;
    private const long MaxFrames = 1 << 21;
    private readonly PushdownAutomaton _automaton;
    private readonly Dictionary<Item[], Configuration>[] _known;
    private readonly Dictionary<StackFrame[], StackNode> _nodes = new(FrameComparer.Instance);
    private readonly StackNode _root;
    private readonly StackNode _unknown;
    private readonly HashSet<(int State, int Node)> _seen = [];
    private readonly Stack<Item> _open = [];
    private readonly List<Item> _kernel = [];
    private readonly List<Item> _readers = [];
    private readonly PriorityQueue<int, int> _called = new();
    private readonly Dictionary<int, List<StackFrame>> _callers = [];
    private Configuration? _initial;
    private int _count;
    private long _frames;
    private int _nextNode;
    private long _work;

    public ConfigurationTable(PushdownAutomaton automaton)
    {
        _automaton = automaton;
        _known = [.. Enumerable.Range(0, 4).Select(_ => new Dictionary<Item[], Configuration>(ItemComparer.Instance))];
        _root = new StackNode(_nextNode++, [new StackFrame(StackFrame.Finished, null)]);
        _unknown = new StackNode(_nextNode++, [new StackFrame(StackFrame.Unknown, null)]);
        Clear();
    }

    /// <summary>The beginning of a text.</summary>
    public Configuration Initial => _initial ??= Begin();

    /// <summary>Allows the next calls so much work.</summary>
    public void BeginWork(long work = GrammarLimits.StepWork)
    {
        if (_count > MaxConfigurations || _frames > MaxFrames)
        {
            Clear();
        }

        _work = work;
    }

    /// <summary>Forgets everything; configurations that are in use go on.</summary>
    public void Clear()
    {
        foreach (Dictionary<Item[], Configuration> known in _known)
        {
            known.Clear();
        }

        _nodes.Clear();
        _nodes.Add(_root.Frames, _root);
        _nodes.Add(_unknown.Frames, _unknown);
        _initial = null;
        _count = 0;
        _frames = 0;
    }

    /// <summary>What follows a byte.</summary>
    /// <exception cref="GrammarException">The grammar is too ambiguous there.</exception>
    public Configuration Next(Configuration from, byte value) => from.Next?[value] ?? Step(from, value);

    /// <summary>The same places, with nothing known about who waits, and with one place for all that allow the same tokens.</summary>
    public Configuration LocalOf(Configuration configuration)
    {
        if (configuration.Local is null)
        {
            _seen.Clear();
            _kernel.Clear();
            foreach (Item item in configuration.Kernel)
            {
                int state = _automaton.Alike(item.State);
                if (_seen.Add((state, _unknown.Id)))
                {
                    _kernel.Add(new Item(state, _unknown));
                }
            }

            configuration.Local = Intern(isAccepting: false, isEscaped: false);
        }

        return configuration.Local;
    }

    /// <summary>The only byte that may follow, or -1 when there are several, or the text may end.</summary>
    public int OnlyByte(Configuration configuration)
    {
        int only = -1;
        foreach (Item item in configuration.IsAccepting ? [] : configuration.Readers)
        {
            foreach (PushdownAutomaton.ByteTransition transition in _automaton.Bytes(item.State))
            {
                if (transition.Low != transition.High || (only >= 0 && only != transition.Low))
                {
                    return -1;
                }

                only = transition.Low;
            }
        }

        return only;
    }

    private Configuration Begin()
    {
        _seen.Clear();
        _kernel.Clear();
        (bool accepting, bool escaped) = Follow(new Item(_automaton.RootStart, _root));
        return Intern(accepting, escaped);
    }

    private Configuration Step(Configuration from, byte value)
    {
        _seen.Clear();
        _kernel.Clear();
        bool accepting = false;
        bool escaped = false;
        foreach (Item item in from.Readers)
        {
            Spend(1);
            foreach (PushdownAutomaton.ByteTransition transition in _automaton.Bytes(item.State))
            {
                if (transition.Low <= value && value <= transition.High)
                {
                    (bool ends, bool leaves) = Follow(new Item(transition.Target, item.Node));
                    accepting |= ends;
                    escaped |= leaves;
                }
            }
        }

        Configuration next = Intern(accepting, escaped);
        (from.Next ??= new Configuration?[256])[value] = next;
        return next;
    }

    // Adds a place and all that follow without reading; where a rule ends, those go on that wait for it.
    private (bool IsAccepting, bool IsEscaped) Follow(Item first)
    {
        bool accepting = false;
        bool escaped = false;
        Push(first);
        while (_open.TryPop(out Item item))
        {
            if (!_automaton.Bytes(item.State).IsEmpty || !_automaton.Calls(item.State).IsEmpty)
            {
                _kernel.Add(item);
            }

            foreach (int target in _automaton.Empties(item.State))
            {
                Push(new Item(target, item.Node));
            }

            if (_automaton.IsEnd(item.State))
            {
                foreach (StackFrame frame in item.Node.Frames)
                {
                    accepting |= frame.State == StackFrame.Finished;
                    escaped |= frame.State == StackFrame.Unknown;
                    if (frame.Node is StackNode node)
                    {
                        Push(new Item(frame.State, node));
                    }
                }
            }
        }

        return (accepting, escaped);
    }

    private void Push(Item item)
    {
        Spend(1);
        if (_seen.Add((item.State, item.Node.Id)))
        {
            _open.Push(item);
        }
    }

    // The configuration of a kernel: the known one, or a new one, for which the rules that begin in it are entered.
    private Configuration Intern(bool isAccepting, bool isEscaped)
    {
        _kernel.Sort();
        int places = 0;
        for (int i = 0; i < _kernel.Count; i++)
        {
            places += i == 0 || _kernel[i].State != _kernel[i - 1].State ? 1 : 0;
        }

        if (places > GrammarLimits.Alternatives || _kernel.Count - places > GrammarLimits.Readings)
        {
            throw TooAmbiguous();
        }

        Item[] kernel = [.. _kernel];
        Dictionary<Item[], Configuration> known = _known[(isAccepting ? 1 : 0) + (isEscaped ? 2 : 0)];
        if (!known.TryGetValue(kernel, out Configuration? configuration))
        {
            Spend(kernel.Length);
            configuration = new Configuration(kernel, Enter(kernel), isAccepting, isEscaped);
            known.Add(kernel, configuration);
            _count++;
        }

        return configuration;
    }

    private Item[] Enter(Item[] kernel)
    {
        _readers.Clear();
        _called.Clear();
        _callers.Clear();
        foreach (Item item in kernel)
        {
            Enter(item);
        }

        // Rules are entered after all that may begin with them, so that everyone who calls them is known.
        while (_called.TryDequeue(out int rule, out _))
        {
            if (!_callers.Remove(rule, out List<StackFrame>? callers))
            {
                continue;
            }

            StackNode node = NodeOf(callers);
            _seen.Clear();
            Push(new Item(_automaton.RuleStart(rule), node));
            while (_open.TryPop(out Item item))
            {
                Enter(item);
                foreach (int target in _automaton.Empties(item.State))
                {
                    Push(new Item(target, item.Node));
                }
            }
        }

        if (_readers.Count > GrammarLimits.Alternatives)
        {
            throw TooAmbiguous();
        }

        return [.. _readers];
    }

    private void Enter(Item item)
    {
        if (!_automaton.Bytes(item.State).IsEmpty)
        {
            _readers.Add(item);
        }

        foreach (PushdownAutomaton.CallTransition call in _automaton.Calls(item.State))
        {
            if (!_callers.TryGetValue(call.Rule, out List<StackFrame>? callers))
            {
                _callers.Add(call.Rule, callers = []);
                _called.Enqueue(call.Rule, _automaton.Rank(call.Rule));
            }

            // Where nothing can follow, who waits for the caller waits for the called: repetitions by recursion do not grow the stack.
            ReadOnlySpan<StackFrame> frames = _automaton.IsTail(call.Return) ? item.Node.Frames : [new StackFrame(call.Return, item.Node)];
            Spend(frames.Length);
            callers.AddRange(frames);
        }
    }

    private StackNode NodeOf(List<StackFrame> callers)
    {
        callers.Sort();
        int count = 0;
        for (int i = 0; i < callers.Count; i++)
        {
            if (i == 0 || callers[i] != callers[i - 1])
            {
                callers[count++] = callers[i];
            }
        }

        StackFrame[] frames = [.. callers.Take(count)];
        if (!_nodes.TryGetValue(frames, out StackNode? node))
        {
            node = new StackNode(_nextNode++, frames);
            _nodes.Add(frames, node);
            _frames += frames.Length;
        }

        return node;
    }

    private void Spend(int amount)
    {
        _work -= amount;
        if (_work < 0)
        {
            _open.Clear();
            throw TooAmbiguous();
        }
    }

    private static GrammarException TooAmbiguous() =>
        GrammarException.TooComplex("a text can be read in very many ways", "a grammar in which it is soon clear what a text is");

    private sealed class ItemComparer : IEqualityComparer<Item[]>
    {
        public static readonly ItemComparer Instance = new();

        public bool Equals(Item[]? x, Item[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] Item[] items)
        {
            HashCode hash = default;
            foreach (Item item in items)
            {
                hash.Add(item.State);
                hash.Add(item.Node.Id);
            }

            return hash.ToHashCode();
        }
    }

    private sealed class FrameComparer : IEqualityComparer<StackFrame[]>
    {
        public static readonly FrameComparer Instance = new();

        public bool Equals(StackFrame[]? x, StackFrame[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] StackFrame[] frames)
        {
            HashCode hash = default;
            foreach (StackFrame frame in frames)
            {
                hash.Add(frame.State);
                hash.Add(frame.Node?.Id ?? -1);
            }

            return hash.ToHashCode();
        }
    }
}
