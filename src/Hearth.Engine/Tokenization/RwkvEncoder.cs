namespace Hearth.Engine.Tokenization;

/// <summary>RWKV's tokenizer: from left to right, always the longest token, of any bytes.</summary>
internal sealed class RwkvEncoder : TextEncoder
{
    private readonly ByteTrie _tokens;
    private readonly int _unknown;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="unknown">What stands for a byte that begins no token; null for nothing.</param>
    public RwkvEncoder(Vocabulary vocabulary, int? unknown)
    {
        _unknown = unknown ?? ByteTrie.None;
        _tokens = vocabulary.BuildTrie(static _ => true, fromTexts: false);
    }

    /// <summary>The bytes that the text of a token stands for: <c>\t</c>, <c>\n</c>, <c>\r</c> and <c>\xNN</c> are what they are in
    /// Python, and after another <c>\</c> a character is itself.</summary>
    /// <param name="text">The text, in UTF-8.</param>
    /// <param name="bytes">Gets the bytes; it may be where the text is.</param>
    /// <returns>The number of bytes.</returns>
    public static int Unescape(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        int written = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes[written++] = text[i];
            }
            else if (++i < text.Length)
            {
                if (text[i] == 'x' && i + 2 < text.Length && TryHex(text[i + 1], out int high) && TryHex(text[i + 2], out int low))
                {
                    bytes[written++] = (byte)((high << 4) | low);
                    i += 2;
                }
                else
                {
                    bytes[written++] = text[i] switch
                    {
                        (byte)'t' => (byte)'\t',
                        (byte)'n' => (byte)'\n',
                        (byte)'r' => (byte)'\r',
                        byte other => other,
                    };
                }
            }
        }

        return written;
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, bool begins, EncodeBuffers buffers, List<int> tokens)
    {
        ReadOnlySpan<byte> bytes = buffers.Utf8(text);
        while (!bytes.IsEmpty)
        {
            int node = ByteTrie.Root, longest = _unknown, taken = 1;
            for (int i = 0; i < bytes.Length && (node = _tokens.Child(node, bytes[i])) >= 0; i++)
            {
                buffers.Steps++;
                if (_tokens.Value(node) >= 0)
                {
                    longest = _tokens.Value(node);
                    taken = i + 1;
                }
            }

            buffers.Steps++;
            if (longest >= 0)
            {
                tokens.Add(longest);
            }

            bytes = bytes[taken..];
        }
    }

    private static bool TryHex(byte digit, out int value)
    {
        value = char.IsAsciiHexDigit((char)digit) ? Convert.ToInt32(((char)digit).ToString(), 16) : -1;
        return value >= 0;
    }
}
