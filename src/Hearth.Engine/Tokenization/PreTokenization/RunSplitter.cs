namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>Runs of one set, perhaps after one leading code point: <c>SET{min,max}</c>, <c> ?SET+</c>, <c>\s?SET+</c>.</summary>
/// <param name="set">The set.</param>
/// <param name="minimum">The fewest members in a match.</param>
/// <param name="maximum">The most.</param>
/// <param name="lead">What may precede them in the match, once; null for nothing.</param>
internal sealed class RunSplitter(CodePointSet set, int minimum = 1, int maximum = int.MaxValue, CodePointSet? lead = null)
    : PatternSplitter
{
    /// <inheritdoc/>
    protected override int Match(in Piece piece, int position)
    {
        int start = lead is not null && Contains(lead, piece, position) && Contains(set, piece, position + 1) ? position + 1 : position;
        int end = start;
        while (end - start < maximum && Contains(set, piece, end))
        {
            end++;
        }

        return end - start >= minimum ? end : NoMatch;
    }

    private static bool Contains(CodePointSet set, in Piece piece, int position) =>
        position < piece.End && set.Contains(piece.At(position), piece.ClassAt(position));
}
