namespace Hearth.Server.Chat;

/// <summary>A variable for the chat template that cannot be given.</summary>
/// <param name="name">Its name.</param>
public sealed class TemplateArgumentException(string name)
    : Exception($"The chat template's variable '{name}' comes from the conversation or the vocabulary; leave it out of the template's arguments.")
{
    /// <summary>The variable's name.</summary>
    public string Name { get; } = name;
}
