using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary><c>[^\n]+|[\n]+</c></summary>
internal sealed class NewlineSplitter : TextSplitter
{
    /// <inheritdoc/>
    public override void Split(CodePointText text, int start, int end, List<int> ends)
    {
        ReadOnlySpan<int> codePoints = text.CodePoints;
        for (int i = start + 1; i < end; i++)
        {
            if ((codePoints[i] == '\n') != (codePoints[i - 1] == '\n'))
            {
                ends.Add(i);
            }
        }

        ends.Add(end);
    }
}
