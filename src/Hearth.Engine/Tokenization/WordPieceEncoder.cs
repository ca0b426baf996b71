using System.Text;
using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// BERT's WordPiece: the text is normalised and cut at white space, punctuation and ideographs; each word, with U+2581 before it, is the
/// longest
/// tokens from left to right, or the unknown token when there is a place where none fits.
/// </summary>
/// <param name="vocabulary">The tokens; those that continue a word have no mark, those that begin one have U+2581.</param>
/// <param name="unknown">The unknown token; null for none.</param>
/// <param name="lowercase">Whether letters are made small.</param>
/// <param name="stripAccents">Whether accents are dropped.</param>
internal sealed class WordPieceEncoder(Vocabulary vocabulary, int? unknown, bool lowercase, bool stripAccents) : TextEncoder
{
    private const int MaxUtf8 = 4;
    private const int MarkLength = 3;
    private const int ReplacementCharacter = 0xFFFD;
    private const int AsciiDelete = 0x7F;

    private static ReadOnlySpan<byte> Mark => "\u2581"u8;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, bool begins, EncodeBuffers buffers, List<int> tokens)
    {
        buffers.Text.Set(text);
        byte[] word = buffers.Bytes(checked(MarkLength + (buffers.Text.Length * MaxUtf8)));
        Mark.CopyTo(word);
        int length = MarkLength;
        foreach (int item in buffers.Text.CodePoints)
        {
            int codePoint = stripAccents ? UnicodeData.FirstOfDecomposition(item) : item;
            CharacterClass found = UnicodeData.ClassOf(codePoint);
            if ((found & CharacterClass.WhiteSpace) != 0)
            {
                EndWord(word, ref length, tokens);
            }
            else if (codePoint is not (0 or ReplacementCharacter) && (found & CharacterClass.Control) == 0
                && !(stripAccents && (found & CharacterClass.Mark) != 0))
            {
                bool alone = (found & CharacterClass.Punctuation) != 0 || (codePoint < AsciiDelete && (found & CharacterClass.Symbol) != 0)
                    || IsIdeograph(codePoint);
                if (alone)
                {
                    EndWord(word, ref length, tokens);
                }

                length += new Rune(lowercase ? UnicodeData.ToLower(codePoint) : codePoint).EncodeToUtf8(word.AsSpan(length));
                if (alone)
                {
                    EndWord(word, ref length, tokens);
                }
            }
        }

        EndWord(word, ref length, tokens);
    }

    private void EndWord(byte[] buffer, ref int length, List<int> tokens)
    {
        ReadOnlySpan<byte> word = buffer.AsSpan(0, length);
        length = MarkLength;
        if (word.Length == MarkLength)
        {
            return;
        }

        int count = tokens.Count;
        int longest = vocabulary.Matches.LongestKey;
        while (!word.IsEmpty)
        {
            int token = -1;
            int taken = Math.Min(word.Length, longest);
            while (taken > 0 && (token = vocabulary.Find(word[..taken])) < 0)
            {
                taken--;
            }

            if (token < 0)
            {
                tokens.RemoveRange(count, tokens.Count - count);
                if (unknown is int id)
                {
                    tokens.Add(id);
                }

                return;
            }

            tokens.Add(token);
            word = word[taken..];
        }
    }

    // Ideographs as the reference tokenizers have them: the block that begins at U+2B820 is taken to begin at U+2B920.
    private static bool IsIdeograph(int codePoint) => codePoint is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B81F)
        or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
