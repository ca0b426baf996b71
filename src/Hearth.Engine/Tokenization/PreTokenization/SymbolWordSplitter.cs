using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>
/// DeepSeek V3's main expression:
/// <c>[!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal sealed class SymbolWordSplitter : PatternSplitter
{
    private const CharacterClass LetterOrMark = CharacterClass.Letter | CharacterClass.Mark;

    /// <inheritdoc/>
    protected override int Match(in Piece piece, int position)
    {
        int codePoint = piece.At(position);
        if (IsAsciiPunctuation(codePoint) && IsAsciiLetter(piece.At(position + 1)))
        {
            int end = position + 2;
            while (IsAsciiLetter(piece.At(end)))
            {
                end++;
            }

            return end;
        }

        if (piece.Is(position, LetterOrMark))
        {
            return piece.SkipRun(position, LetterOrMark);
        }

        if (!piece.IsNewline(position) && !IsSymbol(piece, position) && piece.Is(position + 1, LetterOrMark))
        {
            return piece.SkipRun(position + 1, LetterOrMark);
        }

        int symbols = codePoint == ' ' ? position + 1 : position;
        if (IsSymbol(piece, symbols))
        {
            while (IsSymbol(piece, symbols))
            {
                symbols++;
            }

            while (piece.IsNewline(symbols))
            {
                symbols++;
            }

            return symbols;
        }

        return piece.WhiteSpace(position, newlinesFirst: true);
    }

    private static bool IsAsciiLetter(int codePoint) => codePoint is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z');

    private static bool IsAsciiPunctuation(int codePoint) =>
        codePoint is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~');

    // The reference implementation's list of ASCII symbols has no tilde; the ids must be the same.
    private static bool IsSymbol(in Piece piece, int position) =>
        piece.Is(position, CharacterClass.Punctuation | CharacterClass.Symbol) && piece.At(position) != '~';
}
