using System.Text.RegularExpressions;

namespace Hearth.Store.References;

/// <summary>A text that should name a model and cannot.</summary>
/// <param name="text">The text.</param>
/// <param name="reason">What is wrong, as the end of a sentence, without a full stop.</param>
public sealed partial class ReferenceException(string text, string reason) : Exception($"'{Shown(text)}' is no reference to a model: {reason}.")
{
    private const int MaxShown = 200;

    /// <summary>The text.</summary>
    public string Text => text;

    private static string Shown(string text)
    {
        string redacted = Credentials().Replace(text, "***");
        return redacted.Length > MaxShown ? redacted[..MaxShown] + "..." : redacted;
    }

    [GeneratedRegex(@"(?<=://)[^/\s]*(?=@)")]
    private static partial Regex Credentials();
}
