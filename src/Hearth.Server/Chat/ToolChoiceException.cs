namespace Hearth.Server.Chat;

/// <summary>A tool choice that cannot be promised.</summary>
/// <param name="choice">What was asked for.</param>
public sealed class ToolChoiceException(ToolChoice choice)
    : Exception("A tool call cannot be forced yet: the model decides whether it calls a tool. Ask for auto or none.")
{
    /// <summary>What was asked for.</summary>
    public ToolChoice Choice { get; } = choice;
}
