using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Regex;

/// <summary>A part of a regular expression.</summary>
internal abstract class RegexNode
{
    /// <summary>Whether a <c>^</c> or <c>$</c> is in it.</summary>
    public virtual bool HasAnchor => false;

    /// <summary>Whether it matches the empty text.</summary>
    public virtual bool IsNullable => false;

    /// <summary>One character of a set.</summary>
    internal sealed class Characters(CharacterSet set) : RegexNode
    {
        public CharacterSet Set => set;
    }

    /// <summary>One after the other; none is the empty text.</summary>
    internal sealed class Sequence(IReadOnlyList<RegexNode> parts) : RegexNode
    {
        public IReadOnlyList<RegexNode> Parts => parts;

        public override bool HasAnchor { get; } = parts.Any(part => part.HasAnchor);

        public override bool IsNullable { get; } = parts.All(part => part.IsNullable);
    }

    /// <summary>One of several.</summary>
    internal sealed class Choice(IReadOnlyList<RegexNode> parts) : RegexNode
    {
        public IReadOnlyList<RegexNode> Parts => parts;

        public override bool HasAnchor { get; } = parts.Any(part => part.HasAnchor);

        public override bool IsNullable { get; } = parts.Any(part => part.IsNullable);
    }

    /// <summary>A number of times.</summary>
    internal sealed class Repeat(RegexNode part, int least, int? most) : RegexNode
    {
        public RegexNode Part => part;

        public int Least => least;

        public int? Most => most;

        public override bool HasAnchor => part.HasAnchor;

        public override bool IsNullable => least == 0 || part.IsNullable;
    }

    /// <summary>The beginning (<c>^</c>) or the end (<c>$</c>) of the text.</summary>
    internal sealed class Anchor(bool isEnd) : RegexNode
    {
        public bool IsEnd => isEnd;

        public override bool HasAnchor => true;

        public override bool IsNullable => true;
    }
}
