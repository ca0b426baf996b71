namespace Hearth.Engine.Tokenization;

/// <summary>Tells which of many patterns occur in a text, in one pass over it (Aho and Corasick, 1975).</summary>
internal sealed class SpecialTokenAutomaton
{
    private const int Root = 0;
    private const int None = -1;
    private readonly Dictionary<ulong, int> _children = [];
    private readonly HashSet<char> _firsts = [];
    private readonly List<int> _failures = [Root];
    private readonly List<int> _patterns = [None];
    private readonly List<int> _shorter = [None];

    /// <param name="patterns">The patterns; none is empty.</param>
    public SpecialTokenAutomaton(string[] patterns)
    {
        List<(int Parent, char Character, int Node)> edges = [];
        for (int i = 0; i < patterns.Length; i++)
        {
            Add(patterns[i], i, edges);
        }

        // A child's failure needs those of all shorter prefixes; edges were made one pattern after the other, so they are put in order of
        // depth.
        int[] depths = new int[_patterns.Count];
        foreach ((int parent, _, int node) in edges)
        {
            depths[node] = depths[parent] + 1;
        }

        foreach ((int parent, char character, int node) in edges.OrderBy(edge => depths[edge.Node]))
        {
            _failures[node] = parent == Root ? Root : Step(_failures[parent], character);
            int failure = _failures[node];
            _shorter[node] = _patterns[failure] != None ? failure : _shorter[failure];
        }
    }

    /// <summary>The patterns that occur in a text, by their index, ascending.</summary>
    public List<int> FindAll(string text)
    {
        HashSet<int> seen = [];
        List<int> found = [];
        int node = Root;
        foreach (char character in text)
        {
            if (node == Root && !_firsts.Contains(character))
            {
                continue;
            }

            node = Step(node, character);

            // A node that was seen before has reported all that end in it.
            for (int end = _patterns[node] != None ? node : _shorter[node]; end != None && seen.Add(end); end = _shorter[end])
            {
                found.Add(_patterns[end]);
            }
        }

        found.Sort();
        return found;
    }

    private int Step(int node, char character)
    {
        while (true)
        {
            if (_children.TryGetValue(Key(node, character), out int child))
            {
                return child;
            }

            if (node == Root)
            {
                return Root;
            }

            node = _failures[node];
        }
    }

    private void Add(string pattern, int index, List<(int Parent, char Character, int Node)> edges)
    {
        int node = Root;
        _firsts.Add(pattern[0]);
        foreach (char character in pattern)
        {
            if (!_children.TryGetValue(Key(node, character), out int child))
            {
                child = _patterns.Count;
                _children.Add(Key(node, character), child);
                _patterns.Add(None);
                _failures.Add(Root);
                _shorter.Add(None);
                edges.Add((node, character, child));
            }

            node = child;
        }

        _patterns[node] = _patterns[node] == None ? index : _patterns[node];
    }

    private static ulong Key(int node, char character) => ((ulong)(uint)node << 16) | character;
}
