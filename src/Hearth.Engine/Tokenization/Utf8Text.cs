using System.Buffers;
using System.Text.Unicode;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Tokenization;

/// <summary>The bytes of texts that come from a file.</summary>
internal static class Utf8Text
{
    /// <summary>The most bytes that one UTF-16 unit becomes.</summary>
    public const int MaxBytesPerChar = 3;

    /// <summary>Encodes text of a file into a buffer with room for 3 bytes for each character; bytes that were not UTF-8 are given
    /// back.</summary>
    /// <returns>The bytes that were written.</returns>
    public static int Encode(string text, Span<byte> buffer)
    {
        if (Utf8.FromUtf16(text, buffer, out _, out int written, replaceInvalidSequences: false) == OperationStatus.Done)
        {
            return written;
        }

        byte[] bytes = GgufText.Encode(text);
        bytes.CopyTo(buffer);
        return bytes.Length;
    }

    /// <summary>The bytes of a character of valid UTF-8, from its first byte.</summary>
    public static int LengthOf(byte first) => first switch
    {
        < 0xC0 => 1,
        < 0xE0 => 2,
        < 0xF0 => 3,
        _ => 4,
    };
}
