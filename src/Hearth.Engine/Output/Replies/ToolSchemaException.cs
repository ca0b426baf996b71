using Hearth.Engine.Grammar;

namespace Hearth.Engine.Output.Replies;

/// <summary>A strict tool whose arguments a reply cannot be held to.</summary>
/// <param name="tool">The tool's name.</param>
/// <param name="cause">Why.</param>
public sealed class ToolSchemaException(string tool, GrammarException cause)
    : Exception($"The parameters of the strict tool '{tool}': {cause.Message}", cause)
{
    /// <summary>The tool's name.</summary>
    public string Tool { get; } = tool;

    /// <summary>The keyword of its schema that is to blame, or null.</summary>
    public string? Keyword { get; } = cause.Keyword;
}
