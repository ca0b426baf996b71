namespace Hearth.Engine.Errors;

/// <summary>Messages that quote what others wrote, which may be as long as a file.</summary>
internal static class ErrorMessage
{
    /// <summary>Characters that a message has at most.</summary>
    public const int MaxLength = 4000;

    /// <summary>A message, cut off where it is too long.</summary>
    public static string Limit(string message) => message.Length <= MaxLength ? message : string.Concat(message.AsSpan(0, MaxLength), "...");
}
