using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>
/// Cuts white space without newlines into powers of two, the longest first: <c>\s{512}(?!\S)|\s{256}(?!\S)|...|\s{1,2}(?!\S)|\s{1}</c>,
/// applied to the pieces that <see cref="WordSplitter"/> leaves.
/// </summary>
internal sealed class SpaceCascadeSplitter : TextSplitter
{
    private const int Longest = 512;

    /// <inheritdoc/>
    public override void Split(CodePointText text, int start, int end, List<int> ends)
    {
        for (int i = start; i < end; i++)
        {
            if ((text.Classes[i] & CharacterClass.WhiteSpace) == 0 || text.CodePoints[i] is '\r' or '\n')
            {
                ends.Add(end);
                return;
            }
        }

        for (int length = Longest; start < end;)
        {
            if (length <= end - start)
            {
                ends.Add(start += length);
            }
            else
            {
                length /= 2;
            }
        }
    }
}
