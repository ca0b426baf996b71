namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>Chameleon's markers: <c>&lt;sentinel:[0-9]+&gt;</c> or <c>IMGIMG[A-I]{1,4}Z</c>.</summary>
/// <param name="sentinel">True for the first.</param>
internal sealed class ImageMarkerSplitter(bool sentinel) : PatternSplitter
{
    private const int MostLetters = 4;

    /// <inheritdoc/>
    protected override int Match(in Piece piece, int position)
    {
        ReadOnlySpan<char> prefix = sentinel ? "<sentinel:" : "IMGIMG";
        foreach (char character in prefix)
        {
            if (piece.At(position++) != character)
            {
                return NoMatch;
            }
        }

        int end = position;
        (char first, char last, int most) = sentinel ? ('0', '9', int.MaxValue) : ('A', 'I', MostLetters);
        while (end - position < most && piece.At(end) >= first && piece.At(end) <= last)
        {
            end++;
        }

        return end > position && piece.At(end) == (sentinel ? '>' : 'Z') ? end + 1 : NoMatch;
    }
}
