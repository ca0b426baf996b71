using System.Text;

namespace Hearth.Engine.Grammar.Automata;

/// <summary>One of some texts: a walk through a tree of them, so that each beginning is there once.</summary>
internal sealed class LiteralsExpression : Expression
{
    private readonly byte[][] _texts;

    public LiteralsExpression(IEnumerable<string> texts)
    {
        _texts = [.. texts.Select(Encoding.UTF8.GetBytes)];
        Array.Sort(_texts, static (left, right) => left.AsSpan().SequenceCompareTo(right));
        Size = _texts.Sum(text => (long)text.Length);
    }

    public override long Size { get; }

    public override void Emit(AutomatonBuilder builder, int from, int to)
    {
        List<int> path = [from];
        for (int i = 0; i < _texts.Length; i++)
        {
            byte[] text = _texts[i];
            int common = i == 0 ? 0 : text.AsSpan().CommonPrefixLength(_texts[i - 1]);
            path.RemoveRange(common + 1, path.Count - common - 1);
            for (int at = common; at < text.Length; at++)
            {
                path.Add(builder.AddState());
                builder.AddBytes(path[at], text[at], text[at], path[at + 1]);
            }

            builder.AddEmpty(path[^1], to);
        }
    }
}
