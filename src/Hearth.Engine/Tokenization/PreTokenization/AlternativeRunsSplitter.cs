namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>Runs of several sets, none of which share a code point: <c>A+|B+|C+</c>.</summary>
internal sealed class AlternativeRunsSplitter(params CodePointSet[] sets) : PatternSplitter
{
    /// <inheritdoc/>
    protected override int Match(in Piece piece, int position)
    {
        foreach (CodePointSet set in sets)
        {
            int end = position;
            while (end < piece.End && set.Contains(piece.At(end), piece.ClassAt(end)))
            {
                end++;
            }

            if (end > position)
            {
                return end;
            }
        }

        return NoMatch;
    }
}
