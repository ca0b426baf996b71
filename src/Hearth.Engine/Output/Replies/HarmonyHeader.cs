using System.Text.RegularExpressions;

namespace Hearth.Engine.Output.Replies;

/// <summary>What is in front of a message: its role, channel, recipient and type, as far as the prompt has not written them.</summary>
internal sealed partial class HarmonyHeader(ReplyInput input, int begin)
{
    private const string FunctionPrefix = "functions.";
    private const int MaxLength = 512;
    private const int MaxWords = 6;
    private static readonly string[] s_beginnings = [HarmonyFormat.Start, HarmonyFormat.Channel, HarmonyFormat.Message, "to=", "assistant"];

    /// <summary>Whether there is one.</summary>
    internal bool IsThere { get; private set; }

    /// <summary>Where the message begins.</summary>
    internal int Position { get; private set; } = begin;

    internal string? Channel { get; private set; }

    /// <summary>Whether the recipient is one of the tools that were offered.</summary>
    internal bool IsFunction { get; private set; }

    /// <summary>The tool that is called; null for none.</summary>
    internal string? Function { get; private set; }

    internal IEnumerable<Step> Read()
    {
        int start = Position;
        while (true)
        {
            while (start < input.Length && char.IsWhiteSpace(input[start]))
            {
                start++;
            }

            ReadOnlySpan<char> text = input.Slice(start, Math.Min(input.Length, start + MaxLength));
            bool mayBegin = MayBegin(text);
            int message = mayBegin ? text.IndexOf(HarmonyFormat.Message) : -1;
            if (message >= 0)
            {
                if (IsHeader(text[..message].ToString()))
                {
                    IsThere = true;
                    Position = start + message + HarmonyFormat.Message.Length;
                    Take(text[..message].ToString());
                }

                yield break;
            }

            if (!mayBegin || input.IsAtEnd || text.Length == MaxLength || text.Contains(HarmonyFormat.End, StringComparison.Ordinal))
            {
                yield break;
            }

            yield return Step.NeedsText;
        }
    }

    private static bool MayBegin(ReadOnlySpan<char> text)
    {
        foreach (string beginning in s_beginnings)
        {
            int length = Math.Min(text.Length, beginning.Length);
            if (text[..length].SequenceEqual(beginning.AsSpan(0, length)))
            {
                return true;
            }
        }

        return false;
    }

    // Words and a recipient; anything else is text that happens to stand there.
    private static bool IsHeader(string text) =>
        Marks().Replace(text, " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: <= MaxWords } words
        && Array.TrueForAll(words, word => word.StartsWith("to=", StringComparison.Ordinal) || word.All(char.IsAsciiLetterLower));

    private void Take(string header)
    {
        Channel = ChannelName().Match(header) is { Success: true } channel ? channel.Groups[1].Value : null;
        string? recipient = RecipientName().Match(header) is { Success: true } match ? match.Groups[1].Value : null;
        IsFunction = recipient?.StartsWith(FunctionPrefix, StringComparison.Ordinal) == true;
        Function = IsFunction ? recipient![FunctionPrefix.Length..] : recipient;
    }

    [GeneratedRegex(@"<\|(?:start|channel|constrain)\|>")]
    private static partial Regex Marks();

    [GeneratedRegex(@"<\|channel\|>\s*([a-z]+)")]
    private static partial Regex ChannelName();

    [GeneratedRegex(@"(?:^|[\s>])to=([^\s<]+)")]
    private static partial Regex RecipientName();
}
