using System.Text;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>The inside of a string that is none of some names, in the form of <see cref="CharacterForm.Json"/>: a walk through a tree of the
/// names, left where a name is.</summary>
internal sealed class OtherNamesExpression : Expression
{
    private readonly Node _root = new();
    private readonly long _size = 20;

    public OtherNamesExpression(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            Node node = _root;
            foreach (Rune rune in name.EnumerateRunes())
            {
                if (!node.Children.TryGetValue(rune, out Node? child))
                {
                    child = new Node();
                    node.Children.Add(rune, child);
                    _size += 4;
                }

                node = child;
            }

            node.IsName = true;
        }
    }

    public override long Size => _size;

    public override void Emit(AutomatonBuilder builder, int from, int to)
    {
        int free = builder.AddState();
        JsonTexts.CanonicalCharacters.Emit(builder, free, to);
        Stack<(Node Node, int State)> open = new([(_root, from)]);
        while (open.TryPop(out (Node Node, int State) next))
        {
            if (!next.Node.IsName)
            {
                builder.AddEmpty(next.State, to);
            }

            foreach ((Rune rune, Node child) in next.Node.Children)
            {
                int state = builder.AddState();
                new CharactersExpression(CharacterSet.Of(rune), CharacterForm.Json).Emit(builder, next.State, state);
                open.Push((child, state));
            }

            CharacterSet others = CharacterSet.Of(next.Node.Children.Keys.Select(rune => (rune.Value, rune.Value))).Complement();
            new CharactersExpression(others, CharacterForm.Json).Emit(builder, next.State, free);
        }
    }

    private sealed class Node
    {
        public Dictionary<Rune, Node> Children { get; } = [];

        public bool IsName { get; set; }
    }
}
