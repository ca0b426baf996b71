using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Hearth.Engine.Gguf;

/// <summary>
/// Text of GGUF files. Tokens are meant to be UTF-8 but some files hold other bytes; nothing may be lost then, so a byte that is not part
/// of valid UTF-8 becomes the lone surrogate U+DC00 + byte (U+DC80 to U+DCFF), which valid UTF-8 never decodes to, and turns
/// back into that byte when it is encoded. This is the scheme of Python's <c>surrogateescape</c>.
/// </summary>
public static class GgufText
{
    private const int EscapeBase = 0xDC00;
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes bytes, escaping what is not UTF-8.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : DecodeEscaped(bytes);

    /// <summary>Encodes text that <see cref="Decode"/> made, byte for byte; other lone surrogates become U+FFFD.</summary>
    public static byte[] Encode(string text)
    {
        try
        {
            return s_strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            return EncodeEscaped(text);
        }
    }

    private static string DecodeEscaped(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length);
        Span<char> pair = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed) == OperationStatus.Done)
            {
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
            }
            else
            {
                consumed = 1;
                text.Append((char)(EscapeBase + bytes[0]));
            }

            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    private static byte[] EncodeEscaped(string text)
    {
        List<byte> bytes = new(text.Length);
        ReadOnlySpan<char> rest = text;
        Span<byte> utf8 = stackalloc byte[4];
        while (!rest.IsEmpty)
        {
            bool whole = Rune.DecodeFromUtf16(rest, out Rune rune, out int consumed) == OperationStatus.Done;
            if (!whole && rest[0] is >= (char)(EscapeBase + 0x80) and <= (char)(EscapeBase + 0xFF))
            {
                bytes.Add((byte)(rest[0] - EscapeBase));
            }
            else
            {
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
            }

            rest = rest[consumed..];
        }

        return [.. bytes];
    }
}
