using System.Text;
using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization;

/// <summary>Encodes the words between white space each by itself; the white space is dropped.</summary>
/// <param name="words">Encodes a word.</param>
/// <param name="lowercase">Whether letters are made small.</param>
internal sealed class WhitespaceEncoder(TextEncoder words, bool lowercase) : TextEncoder
{
    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, bool begins, EncodeBuffers buffers, List<int> tokens)
    {
        StringBuilder word = new();
        Span<char> pair = stackalloc char[2];
        foreach (Rune rune in text.EnumerateRunes())
        {
            if ((UnicodeData.ClassOf(rune.Value) & CharacterClass.WhiteSpace) != 0)
            {
                EndWord(word, buffers, tokens);
                continue;
            }

            Rune shown = lowercase ? new Rune(UnicodeData.ToLower(rune.Value)) : rune;
            word.Append(pair[..shown.EncodeToUtf16(pair)]);
        }

        EndWord(word, buffers, tokens);
    }

    private void EndWord(StringBuilder word, EncodeBuffers buffers, List<int> tokens)
    {
        if (word.Length > 0)
        {
            words.Encode(word.ToString(), begins: false, buffers, tokens);
            word.Clear();
        }
    }
}
