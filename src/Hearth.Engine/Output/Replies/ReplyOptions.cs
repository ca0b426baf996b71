using System.Text.Json.Nodes;

namespace Hearth.Engine.Output.Replies;

/// <summary>How a reply is to be read.</summary>
public sealed record ReplyOptions
{
    /// <summary>The tools that the model was offered; without any, calls are not looked for and stay text.</summary>
    public IReadOnlyList<ReplyTool> Tools { get; init; } = [];

    /// <summary>Whether reasoning is taken out of the answer's text; otherwise it stays there with its marks.</summary>
    public bool SeparateReasoning { get; init; } = true;

    /// <summary>The end of the prompt, from which it shows whether the reply begins within reasoning; a few hundred characters suffice.</summary>
    public string PromptEnd { get; init; } = "";

    /// <summary>
    /// Gives a call's arguments while they are written. Otherwise a call is given when it is whole, so that one that turns out to be
    /// malformed can still become text.
    /// </summary>
    public bool EarlyArguments { get; init; }
}

/// <summary>A tool, as far as the reading of calls needs it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">The JSON Schema of its arguments, which gives the types of arguments that are not written as JSON; or null.</param>
public sealed record ReplyTool(string Name, JsonObject? Parameters = null)
{
    /// <summary>Whether its arguments must satisfy their schema.</summary>
    public bool IsStrict { get; init; }
}
