using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>
/// Kimi K2's expression, with H for Han:
/// <c>H+|[^\r\n\p{L}\p{N}]?[\p{L}--H]+CONTRACTION?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal sealed class HanWordSplitter : PatternSplitter
{
    private const int MaxDigits = 3;
    private const CharacterClass LetterOrNumber = CharacterClass.Letter | CharacterClass.Number;
    private const CharacterClass NotPunctuation = CharacterClass.WhiteSpace | LetterOrNumber;

    /// <inheritdoc/>
    protected override int Match(in Piece piece, int position)
    {
        int end = position;
        while (IsHan(piece.At(end)))
        {
            end++;
        }

        if (end > position)
        {
            return end;
        }

        bool mayLead = piece.IsOther(position, LetterOrNumber) && !piece.IsNewline(position);
        int word = mayLead ? position + 1 : position;
        end = word;
        while (piece.Is(end, CharacterClass.Letter) && !IsHan(piece.At(end)))
        {
            end++;
        }

        if (end > word)
        {
            int contraction = piece.Contraction(end, ignoreCase: true);
            return contraction > 0 ? contraction : end;
        }

        if (piece.Is(position, CharacterClass.Number))
        {
            end = position + 1;
            while (end - position < MaxDigits && piece.Is(end, CharacterClass.Number))
            {
                end++;
            }

            return end;
        }

        int punctuation = piece.At(position) == ' ' ? position + 1 : position;
        if (!piece.IsOther(punctuation, NotPunctuation))
        {
            return piece.WhiteSpace(position, newlinesFirst: true);
        }

        end = piece.SkipOthers(punctuation, NotPunctuation);
        while (piece.IsNewline(end))
        {
            end++;
        }

        return end;
    }

    private static bool IsHan(int codePoint) => codePoint is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2EBEF)
        or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
