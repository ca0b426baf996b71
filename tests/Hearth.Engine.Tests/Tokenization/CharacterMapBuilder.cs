using System.Buffers.Binary;
using System.Text;

namespace Hearth.Engine.Tests.Tokenization;

/// <summary>Makes a precompiled character map: a double array over the bytes of what is replaced, and the replacements.</summary>
internal static class CharacterMapBuilder
{
    private const int Block = 256;

    public static byte[] Build(params (string From, string To)[] rules)
    {
        Node root = new();
        List<byte> replacements = [];
        foreach ((string from, string to) in rules)
        {
            Node node = root;
            foreach (byte value in Encoding.UTF8.GetBytes(from))
            {
                node = node.Children.TryGetValue(value, out Node? child) ? child : node.Children[value] = new Node();
            }

            node.Value = replacements.Count;
            replacements.AddRange([.. Encoding.UTF8.GetBytes(to), 0]);
        }

        List<uint> units = [.. new uint[Block]];
        Place(root, 0, units, [0], []);
        byte[] bytes = new byte[sizeof(uint) * (1 + units.Count)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)(sizeof(uint) * units.Count));
        for (int i = 0; i < units.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(sizeof(uint) * (i + 1)), units[i]);
        }

        return [.. bytes, .. replacements];
    }

    private static void Place(Node node, int index, List<uint> units, HashSet<int> used, HashSet<int> bases)
    {
        int[] labels = [.. node.Value >= 0 ? (int[])[0] : [], .. node.Children.Keys.Select(label => (int)label)];
        int place = 1;
        while (bases.Contains(place) || labels.Any(label => used.Contains(place ^ label)))
        {
            place++;
        }

        bases.Add(place);
        used.UnionWith(labels.Select(label => place ^ label));
        while (units.Count <= (place | (Block - 1)))
        {
            units.AddRange(new uint[Block]);
        }

        units[index] |= ((uint)(index ^ place) << 10) | (node.Value >= 0 ? 1u << 8 : 0);
        if (node.Value >= 0)
        {
            units[place] = (1u << 31) | (uint)node.Value;
        }

        foreach ((byte label, Node child) in node.Children)
        {
            units[place ^ label] = label;
        }

        foreach ((byte label, Node child) in node.Children)
        {
            Place(child, place ^ label, units, used, bases);
        }
    }

    private sealed class Node
    {
        public SortedDictionary<byte, Node> Children { get; } = [];

        public int Value { get; set; } = -1;
    }
}
