namespace Hearth.Engine.Tokenization;

/// <summary>
/// A part of a prompt. Text that the template wrote may contain special tokens; text that a user wrote may not, so that nobody
/// ends a turn or begins another one by writing its marker into a message.
/// </summary>
/// <param name="Text">The text.</param>
/// <param name="AllowSpecial">Whether control tokens are recognised in it; they must lie entirely inside it.</param>
public readonly record struct PromptSegment(string Text, bool AllowSpecial);
