using System.Text;

namespace Hearth.Engine.Tokenization.Unicode;

/// <summary>A text as code points with their classes, so that a splitter sees one item per character whatever its encoding.</summary>
internal sealed class CodePointText
{
    private int[] _codePoints = [];
    private CharacterClass[] _classes = [];

    /// <summary>The number of code points.</summary>
    public int Length { get; private set; }

    /// <summary>The code points.</summary>
    public ReadOnlySpan<int> CodePoints => _codePoints.AsSpan(0, Length);

    /// <summary>The class of each code point.</summary>
    public ReadOnlySpan<CharacterClass> Classes => _classes.AsSpan(0, Length);

    /// <summary>Takes another text; a lone surrogate is U+FFFD.</summary>
    public void Set(ReadOnlySpan<char> text)
    {
        if (_codePoints.Length < text.Length)
        {
            _codePoints = new int[text.Length];
            _classes = new CharacterClass[text.Length];
        }

        int length = 0;
        for (int i = 0; i < text.Length; length++)
        {
            int codePoint = text[i];
            int consumed = 1;
            if (char.IsSurrogate((char)codePoint))
            {
                Rune.DecodeFromUtf16(text[i..], out Rune rune, out consumed);
                codePoint = rune.Value;
            }

            _codePoints[length] = codePoint;
            _classes[length] = UnicodeData.ClassOf(codePoint);
            i += consumed;
        }

        Length = length;
    }

    /// <summary>Writes code points [start, end) as UTF-8.</summary>
    /// <returns>The number of bytes, at most 4 for each code point.</returns>
    public int WriteUtf8(int start, int end, Span<byte> utf8)
    {
        int written = 0;
        for (int i = start; i < end; i++)
        {
            int codePoint = _codePoints[i];
            if (codePoint < 0x80)
            {
                utf8[written++] = (byte)codePoint;
            }
            else
            {
                written += new Rune(codePoint).EncodeToUtf8(utf8[written..]);
            }
        }

        return written;
    }
}
