using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies;

/// <summary>How a model writes tool calls.</summary>
internal abstract class ToolSyntax
{
    /// <summary>The texts that begin a call, or a section of calls.</summary>
    internal abstract IReadOnlyList<string> Openers { get; }

    /// <summary>The other texts within calls that can be control tokens.</summary>
    internal virtual IReadOnlyList<string> Marks => [];

    /// <summary>Whether what calls a tool that was not offered is text: for syntaxes that answers can have, too.</summary>
    /// <param name="opener">The opening mark; empty for a call without.</param>
    internal virtual bool RequiresKnownTool(string opener) => opener.Length == 0;

    /// <summary>Whether a character at the beginning of a line can begin a call without an opening mark.</summary>
    /// <param name="character">The character.</param>
    /// <param name="hasContent">Whether there was text before it.</param>
    internal virtual bool IsBare(char character, bool hasContent) => false;

    /// <summary>Reads the calls after an opening mark, and their closing mark if there is one.</summary>
    /// <param name="reader">The reader, after the mark.</param>
    /// <param name="opener">The mark; empty for a call without.</param>
    internal abstract IEnumerable<Step> Read(CallReader reader, string opener);

    /// <summary>What certainly begins a call in free text: the opening marks, or more where those are found in answers, too.</summary>
    internal virtual IReadOnlyList<string> Triggers => Openers;

    /// <summary>The calls after what begins them, and their closing mark, as a grammar: what is read by <see cref="Read"/>.</summary>
    /// <param name="grammar">What it is written with.</param>
    /// <param name="trigger">What begins them, of <see cref="Triggers"/>.</param>
    internal abstract Expression Write(CallGrammar grammar, string trigger);

    /// <summary>As <see cref="Write(CallGrammar, string)"/>, where the model need not call: what looks like a call and is none is allowed, too.</summary>
    internal virtual Expression WriteFree(CallGrammar grammar, string trigger) => Write(grammar, trigger);

    /// <summary>A reply's calls, from its beginning.</summary>
    internal virtual Expression Write(CallGrammar grammar) => grammar.Several(
        Expression.Sequence(grammar.Mark(Triggers[0]), grammar.Rule("calls", Write(grammar, Triggers[0]))), grammar.Space);

    /// <summary>Whether a reply that begins as a call without a mark may do so is decided by its first character: that; null for calls with marks.</summary>
    internal virtual char? BareBeginning => null;
}
