using System.Buffers.Text;
using System.Text;

namespace Hearth.Server.OpenAi.Responses;

/// <summary>
/// A reasoning item's <c>encrypted_content</c>: the thought in a form that clients send back as it is. It hides nothing, for the thought is told in the
/// open, too.
/// </summary>
internal static class OpaqueReasoning
{
    private const string Mark = "hearth.";

    public static string Write(string thought) => Mark + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(thought));

    /// <summary>The thought; null where the text is another server's.</summary>
    public static string? Read(string content)
    {
        if (!content.StartsWith(Mark, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(content.AsSpan(Mark.Length)));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }
}
