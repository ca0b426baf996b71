using System.Buffers;
using System.Text;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// What SentencePiece does to a text before it is cut: the character map is applied, spaces become U+2581, and, as the file says, spaces
/// are counted once and one is put before the text.
/// </summary>
/// <param name="map">The character map; null for none.</param>
/// <param name="addSpacePrefix">Whether a space is put before the text's first character that is none.</param>
/// <param name="mergeSpaces">Whether each word gets one space before it, whatever was there.</param>
internal sealed class UnigramNormalizer(CharacterMap? map, bool addSpacePrefix, bool mergeSpaces)
{
    // The map of SentencePiece makes at most 33 bytes of 3.
    private const int MaxGrowth = 16;
    private const int AlwaysAllowed = 1024;

    private static ReadOnlySpan<byte> EscapedSpace => "\u2581"u8;

    private static ReadOnlySpan<byte> Replacement => "\uFFFD"u8;

    /// <summary>Normalises a text.</summary>
    /// <param name="text">The text in UTF-8.</param>
    /// <param name="output">Gets the normalised text.</param>
    /// <param name="steps">Grows by the work that it was.</param>
    /// <exception cref="TokenizerException">The character map makes the text larger than any language needs.</exception>
    public void Normalize(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> output, ref long steps)
    {
        output.ResetWrittenCount();
        long most = ((long)MaxGrowth * text.Length) + AlwaysAllowed;
        bool prefix = addSpacePrefix, inWord = false;
        while (!text.IsEmpty)
        {
            ReadOnlySpan<byte> next = Next(ref text, ref steps);
            if (output.WrittenCount + ((long)next.Length * EscapedSpace.Length) > most)
            {
                throw TokenizerException.CharacterMapGrowth(most);
            }

            steps += next.Length;
            foreach (byte value in next)
            {
                if (value != ' ')
                {
                    if (!inWord && (prefix || mergeSpaces))
                    {
                        output.Write(EscapedSpace);
                        prefix = false;
                    }

                    inWord = true;
                    output.Write([value]);
                    continue;
                }

                inWord = false;
                if (!mergeSpaces)
                {
                    output.Write(EscapedSpace);
                }
            }
        }
    }

    private ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> text, ref long steps)
    {
        int length = 0;
        ReadOnlySpan<byte> next = map is null ? [] : map.Match(text, out length, ref steps);
        if (length == 0)
        {
            bool whole = Rune.DecodeFromUtf8(text, out _, out int consumed) == OperationStatus.Done;
            length = whole ? consumed : 1;
            next = whole ? text[..length] : Replacement;
        }

        text = text[length..];
        return next;
    }
}
