namespace Hearth.Engine.Output;

/// <summary>
/// The automaton of Aho and Corasick (1975) over UTF-16 code units. A state is a prefix of a stop string; 0 is the empty one.
/// </summary>
internal sealed class StopAutomaton
{
    private readonly Dictionary<(int State, char Character), int> _edges = [];
    private readonly List<int> _depths = [0];
    private readonly List<int> _failures = [0];
    private readonly List<string?> _matches = [null];

    internal StopAutomaton(IReadOnlyList<string> stops)
    {
        var edges = new List<Edge>();
        foreach (var stop in stops)
        {
            var state = 0;
            foreach (var character in stop)
            {
                if (!_edges.TryGetValue((state, character), out var child))
                {
                    child = _depths.Count;
                    _edges.Add((state, character), child);
                    _depths.Add(_depths[state] + 1);
                    _failures.Add(0);
                    _matches.Add(null);
                    edges.Add(new Edge(state, character, child));
                }

                state = child;
            }

            _matches[state] = stop;
        }

        // By depth: the state that a failure leads to is shallower, so it is complete.
        edges.Sort((left, right) => _depths[left.Child].CompareTo(_depths[right.Child]));
        foreach (var (parent, character, child) in edges)
        {
            _failures[child] = parent == 0 ? 0 : Next(_failures[parent], character);
            _matches[child] ??= _matches[_failures[child]];
        }
    }

    /// <summary>The state after one more character: the longest end of the text that a stop string starts with.</summary>
    internal int Next(int state, char character)
    {
        int next;
        while (!_edges.TryGetValue((state, character), out next))
        {
            if (state == 0)
            {
                return 0;
            }

            state = _failures[state];
        }

        return next;
    }

    /// <summary>The length of the state's prefix.</summary>
    internal int Depth(int state) => _depths[state];

    /// <summary>The longest stop string that the text ends with in this state.</summary>
    internal string? Match(int state) => _matches[state];

    private sealed record Edge(int Parent, char Character, int Child);
}
