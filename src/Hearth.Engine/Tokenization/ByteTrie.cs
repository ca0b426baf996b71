using System.Runtime.CompilerServices;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// Byte strings by their bytes, from the first on. Nodes are numbered level by level, so the children of one lie side by side and nine
/// bytes hold a node. It is built by distributing the strings, in time linear in their bytes.
/// </summary>
internal sealed class ByteTrie
{
    /// <summary>The node of the empty string.</summary>
    public const int Root = 0;

    /// <summary>No node, or no id.</summary>
    public const int None = -1;

    private readonly byte[] _labels;
    private readonly int[] _firstChildren;
    private readonly int[] _values;

    private ByteTrie(byte[] labels, int[] firstChildren, int[] values)
    {
        _labels = labels;
        _firstChildren = firstChildren;
        _values = values;
    }

    /// <summary>The node that a byte leads to, or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Child(int node, byte label)
    {
        int first = _firstChildren[node];
        int index = _labels.AsSpan(first, _firstChildren[node + 1] - first).IndexOf(label);
        return index < 0 ? None : first + index;
    }

    /// <summary>The id of the string that ends at a node, or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Value(int node) => _values[node];

    /// <summary>Gathers strings for a trie.</summary>
    internal sealed class Builder
    {
        private const int FewStrings = 8;
        private readonly List<byte> _bytes = [];
        private readonly List<(int Start, int Length, int Id)> _strings = [];
        private readonly List<(int Start, int End)> _ranges = [];
        private readonly List<byte> _labels = [];
        private int[] _order = [];
        private int[] _spare = [];

        /// <summary>Adds a string; of equal ones the last counts.</summary>
        public void Add(ReadOnlySpan<byte> text, int id)
        {
            _strings.Add((_bytes.Count, text.Length, id));
            _bytes.AddRange(text);
        }

        /// <summary>Makes the trie.</summary>
        public ByteTrie Build()
        {
            _order = [.. Enumerable.Range(0, _strings.Count)];
            _spare = new int[_order.Length];
            List<int> firstChildren = [], values = [];
            AddNode(0, 0, _order.Length);
            int levelEnd = 1;
            for (int node = 0, depth = 0; node < _labels.Count; node++)
            {
                if (node == levelEnd)
                {
                    depth++;
                    levelEnd = _labels.Count;
                }

                firstChildren.Add(_labels.Count);
                values.Add(Expand(_ranges[node], depth));
            }

            firstChildren.Add(_labels.Count);
            return new ByteTrie([.. _labels], [.. firstChildren], [.. values]);
        }

        // Adds the children of a node; returns the id of the string that ends there.
        private int Expand((int Start, int End) range, int depth)
        {
            Span<int> order = _order.AsSpan(range.Start, range.End - range.Start);
            Sort(order, depth);
            int value = None;
            for (int i = 0; i < order.Length;)
            {
                int key = Key(order[i], depth), first = i;
                while (i < order.Length && Key(order[i], depth) == key)
                {
                    i++;
                }

                if (key == 0)
                {
                    value = _strings[order[i - 1]].Id;
                }
                else
                {
                    AddNode((byte)(key - 1), range.Start + first, range.Start + i);
                }
            }

            return value;
        }

        // Stable, so that equal strings stay in the order in which they came.
        private void Sort(Span<int> order, int depth)
        {
            if (order.Length <= FewStrings)
            {
                for (int i = 1; i < order.Length; i++)
                {
                    int item = order[i], key = Key(item, depth), j = i;
                    for (; j > 0 && Key(order[j - 1], depth) > key; j--)
                    {
                        order[j] = order[j - 1];
                    }

                    order[j] = item;
                }

                return;
            }

            Span<int> places = stackalloc int[258];
            places.Clear();
            foreach (int item in order)
            {
                places[Key(item, depth) + 1]++;
            }

            for (int i = 1; i < places.Length; i++)
            {
                places[i] += places[i - 1];
            }

            foreach (int item in order)
            {
                _spare[places[Key(item, depth)]++] = item;
            }

            _spare.AsSpan(0, order.Length).CopyTo(order);
        }

        // 0 where the string ends, else its byte and 1.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private int Key(int index, int depth)
        {
            (int start, int length, _) = _strings[index];
            return length == depth ? 0 : _bytes[start + depth] + 1;
        }

        private void AddNode(byte label, int start, int end)
        {
            _labels.Add(label);
            _ranges.Add((start, end));
        }
    }
}
