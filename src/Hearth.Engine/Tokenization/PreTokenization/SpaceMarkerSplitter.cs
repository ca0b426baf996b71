namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>Chameleon's white space: <c>[\t\n]|    |  </c> (a tab, a newline, four spaces or two).</summary>
internal sealed class SpaceMarkerSplitter : PatternSplitter
{
    /// <inheritdoc/>
    protected override int Match(in Piece piece, int position)
    {
        if (piece.At(position) is '\t' or '\n')
        {
            return position + 1;
        }

        int end = position;
        while (end - position < 4 && piece.At(end) == ' ')
        {
            end++;
        }

        return (end - position) switch
        {
            4 => end,
            >= 2 => position + 2,
            _ => NoMatch,
        };
    }
}
