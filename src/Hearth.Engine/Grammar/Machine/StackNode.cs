namespace Hearth.Engine.Grammar.Machine;

/// <summary>Who may be waiting for the end of a rule: alternatives, each a state to go on in and who waits for the end of that rule. Equal nodes
/// are the same object (a graph-structured stack; Tomita, 1985).</summary>
/// <param name="id">A number that no other node of the machine has.</param>
/// <param name="frames">The alternatives, in order.</param>
internal sealed class StackNode(int id, StackFrame[] frames)
{
    /// <summary>A number that no other node of the machine has.</summary>
    public int Id => id;

    /// <summary>The alternatives.</summary>
    public StackFrame[] Frames => frames;
}

/// <summary>An alternative of a node.</summary>
/// <param name="State">Where to go on; or <see cref="Finished"/> or <see cref="Unknown"/>.</param>
/// <param name="Node">Who waits for the end of that state's rule; null for the two.</param>
internal readonly record struct StackFrame(int State, StackNode? Node) : IComparable<StackFrame>
{
    /// <summary>The end of the whole text.</summary>
    public const int Finished = -1;

    /// <summary>It is not said who waits.</summary>
    public const int Unknown = -2;

    public int CompareTo(StackFrame other) => State != other.State ? State.CompareTo(other.State) : (Node?.Id ?? -1).CompareTo(other.Node?.Id ?? -1);
}

/// <summary>A place in a rule, and who waits for the end of the rule.</summary>
/// <param name="State">The place.</param>
/// <param name="Node">Who waits.</param>
internal readonly record struct Item(int State, StackNode Node) : IComparable<Item>
{
    public int CompareTo(Item other) => State != other.State ? State.CompareTo(other.State) : Node.Id.CompareTo(other.Node.Id);
}
