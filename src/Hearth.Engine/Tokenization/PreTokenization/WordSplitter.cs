using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>
/// The expressions that descend from Llama 3's:
/// <c>CONTRACTION|[^\r\n\p{L}\p{N}]?WORD|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal sealed class WordSplitter(WordSplitterOptions options) : PatternSplitter
{
    private const CharacterClass Letter = CharacterClass.Letter;
    private const CharacterClass LetterOrMark = CharacterClass.Letter | CharacterClass.Mark;
    private const CharacterClass LetterOrNumber = CharacterClass.Letter | CharacterClass.Number;

    private readonly CharacterClass _letters =
        options.Word is WordRule.LettersAndMarks or WordRule.CasedWithMarks ? LetterOrMark : Letter;

    private readonly CharacterClass _notPunctuation =
        CharacterClass.WhiteSpace | LetterOrNumber | (options.MarksAreNotPunctuation ? CharacterClass.Mark : CharacterClass.None);

    /// <inheritdoc/>
    protected override int Match(in Piece piece, int position)
    {
        if (options.Contractions == Contractions.Alone)
        {
            int contraction = piece.Contraction(position, ignoreCase: true);
            if (contraction > 0)
            {
                return contraction;
            }
        }

        int end = Word(piece, position);
        if (end > 0)
        {
            return end;
        }

        if (piece.Is(position, CharacterClass.Number))
        {
            end = position + 1;
            while (end - position < options.MaxDigits && piece.Is(end, CharacterClass.Number))
            {
                end++;
            }

            return end;
        }

        int punctuation = piece.At(position) == ' ' ? position + 1 : position;
        if (piece.IsOther(punctuation, _notPunctuation))
        {
            return PunctuationEnd(piece, piece.SkipOthers(punctuation, _notPunctuation));
        }

        return piece.WhiteSpace(position, newlinesFirst: true);
    }

    private int Word(in Piece piece, int position)
    {
        bool mayLead = piece.IsOther(position, LetterOrNumber) && !piece.IsNewline(position);
        int end = options.Word switch
        {
            WordRule.Cased or WordRule.CasedWithMarks => CasedWord(piece, position, mayLead),
            WordRule.Phrase => Phrase(piece, mayLead ? position + 1 : position),
            _ when piece.Is(position, _letters) => piece.SkipRun(position, _letters),
            _ when mayLead && piece.Is(position + 1, _letters) => piece.SkipRun(position + 1, _letters),
            _ => NoMatch,
        };
        if (end > 0 && options.Contractions == Contractions.EndWord)
        {
            int contraction = piece.Contraction(end, ignoreCase: true);
            return contraction > 0 ? contraction : end;
        }

        return end;
    }

    private int CasedWord(in Piece piece, int position, bool mayLead)
    {
        int end = NoMatch;
        if (mayLead)
        {
            end = UpperThenLower(piece, position + 1);
        }

        if (end < 0)
        {
            end = UpperThenLower(piece, position);
        }

        if (end < 0 && mayLead)
        {
            end = Upper(piece, position + 1);
        }

        return end < 0 ? Upper(piece, position) : end;
    }

    // U*D+: as many capitals as possible; when no small letter follows, the last caseless letter is given back to serve as one.
    private int UpperThenLower(in Piece piece, int start)
    {
        int upperEnd = start;
        while (piece.Is(upperEnd, _letters) && piece.At(upperEnd) is not (>= 'a' and <= 'z'))
        {
            upperEnd++;
        }

        int end = LowerEnd(piece, upperEnd);
        if (end > upperEnd)
        {
            return end;
        }

        for (int last = upperEnd - 1; last >= start; last--)
        {
            if (piece.At(last) is not (>= 'A' and <= 'Z'))
            {
                return LowerEnd(piece, last);
            }
        }

        return NoMatch;
    }

    // U+D*, tried only where U*D+ fails, so no small letter follows.
    private int Upper(in Piece piece, int start)
    {
        int end = start;
        while (piece.Is(end, _letters) && piece.At(end) is not (>= 'a' and <= 'z'))
        {
            end++;
        }

        return end > start ? end : NoMatch;
    }

    private int LowerEnd(in Piece piece, int position)
    {
        while (piece.Is(position, _letters) && piece.At(position) is not (>= 'A' and <= 'Z'))
        {
            position++;
        }

        return position;
    }

    private static int Phrase(in Piece piece, int start)
    {
        if (!piece.Is(start, Letter))
        {
            return NoMatch;
        }

        int end = start + 1;
        while (true)
        {
            if (piece.Is(end, LetterOrMark))
            {
                end++;
            }
            else if (piece.At(end) == ' ' && piece.Is(end + 1, Letter))
            {
                end += 2;
            }
            else
            {
                return end;
            }
        }
    }

    private int PunctuationEnd(in Piece piece, int end)
    {
        switch (options.Tail)
        {
            case PunctuationTail.Newlines:
                while (piece.IsNewline(end))
                {
                    end++;
                }

                return end;
            case PunctuationTail.NewlinesAndSlashes:
                while (piece.IsNewline(end) || piece.At(end) == '/')
                {
                    end++;
                }

                return end;
            case PunctuationTail.OneNewlineOrSlash:
                return piece.IsNewline(end) || piece.At(end) == '/' ? end + 1 : end;
            default:
                return end;
        }
    }
}
