using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary><c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c></summary>
internal sealed class Gpt2Splitter : PatternSplitter
{
    private const CharacterClass NotOther = CharacterClass.WhiteSpace | CharacterClass.Letter | CharacterClass.Number;

    /// <inheritdoc/>
    protected override int Match(in Piece piece, int position)
    {
        int contraction = piece.Contraction(position, ignoreCase: false);
        if (contraction > 0)
        {
            return contraction;
        }

        int word = piece.At(position) == ' ' ? position + 1 : position;
        if (piece.Is(word, CharacterClass.Letter))
        {
            return piece.SkipRun(word, CharacterClass.Letter);
        }

        if (piece.Is(word, CharacterClass.Number))
        {
            return piece.SkipRun(word, CharacterClass.Number);
        }

        return piece.IsOther(word, NotOther) ? piece.SkipOthers(word, NotOther) : piece.WhiteSpace(position, newlinesFirst: false);
    }
}
