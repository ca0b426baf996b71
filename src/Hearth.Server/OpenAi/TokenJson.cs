using System.Text;
using Hearth.Engine.Scheduling;

namespace Hearth.Server.OpenAi;

/// <summary>A token and its log-probability as JSON says them.</summary>
internal static class TokenJson
{
    /// <summary>What OpenAI gives for a token that is all but impossible; JSON has no infinity.</summary>
    public const float Impossible = -9999;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Its text; bytes that are part of a character are U+FFFD.</summary>
    public static string Text(TokenProbability token) => Encoding.UTF8.GetString(token.Bytes.Span);

    /// <summary>Its text, or where it is no text of its own its bytes, as OpenAI's older shape has them: <c>bytes:\xe2\x80</c>.</summary>
    public static string TextOrBytes(TokenProbability token)
    {
        try
        {
            return s_strict.GetString(token.Bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            return "bytes:" + string.Concat(token.Bytes.ToArray().Select(value => $"\\x{value:x2}"));
        }
    }

    /// <summary>Its bytes as numbers.</summary>
    public static IReadOnlyList<int> Bytes(TokenProbability token) => [.. token.Bytes.ToArray().Select(value => (int)value)];

    /// <summary>Its log-probability.</summary>
    public static float LogProbability(TokenProbability token) => float.IsFinite(token.LogProbability) ? token.LogProbability : Impossible;
}
