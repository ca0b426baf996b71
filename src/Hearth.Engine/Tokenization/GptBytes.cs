
namespace Hearth.Engine.Tokenization;

/// <summary>
/// GPT-2's printable alphabet for bytes: printable Latin-1 characters stand for themselves, the other 68 bytes for U+0100 and on, in order.
/// </summary>
internal static class GptBytes
{
    private const int Alphabet = 0x144;
    private static readonly short[] s_bytes = Build();

    /// <summary>Decodes a text to bytes into a buffer with room for one byte for each character.</summary>
    /// <returns>False when a character stands for no byte.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        short[] map = s_bytes;
        for (int i = 0; i < text.Length; i++)
        {
            int value = text[i] < map.Length ? map[text[i]] : -1;
            if (value < 0)
            {
                return false;
            }

            bytes[i] = (byte)value;
        }

        return true;
    }

    private static short[] Build()
    {
        short[] bytes = new short[Alphabet];
        Array.Fill(bytes, (short)-1);
        int next = 0x100;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            bytes[printable ? value : next++] = (short)value;
        }

        return bytes;
    }
}
