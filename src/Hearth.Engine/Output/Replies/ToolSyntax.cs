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
}
