using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Hearth.Server.Chat;

/// <summary>Finds what a parser of JSON lets through and is no text: broken UTF-8, and escapes of one half of a surrogate pair.</summary>
internal static class UnicodeCheck
{
    /// <summary>The path of the first string that is no text, or of the object that has such a name; null when all is text.</summary>
    public static string? FindBroken(JsonElement element) => IsCertainlyText(element) ? null : Find(element)?.TrimStart('.');

    private static bool IsCertainlyText(JsonElement element)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(element);
        return Utf8.IsValid(raw) && raw.IndexOf(@"\ud"u8) < 0 && raw.IndexOf(@"\uD"u8) < 0;
    }

    private static string? Find(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return Read(element.GetString) is null ? string.Empty : null;
            case JsonValueKind.Array:
                int index = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    if (Find(item) is string found)
                    {
                        return $"[{index}]{found}";
                    }

                    index++;
                }

                return null;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    if (Read(() => property.Name) is not string name)
                    {
                        return string.Empty;
                    }

                    if (Find(property.Value) is string found)
                    {
                        return $".{name}{found}";
                    }
                }

                return null;
            default:
                return null;
        }
    }

    private static string? Read(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
