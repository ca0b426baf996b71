namespace Hearth.Training.Text;

/// <summary>One message of a chat.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">The text.</param>
internal readonly record struct Message(string Role, string Content);

/// <summary>A chat in the order of its messages.</summary>
/// <param name="Messages">The messages.</param>
internal sealed record Dialogue(IReadOnlyList<Message> Messages);
