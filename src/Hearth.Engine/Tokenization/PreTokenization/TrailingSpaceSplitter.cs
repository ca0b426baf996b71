using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary><c>\s+$</c></summary>
internal sealed class TrailingSpaceSplitter : TextSplitter
{
    /// <inheritdoc/>
    public override void Split(CodePointText text, int start, int end, List<int> ends)
    {
        int trailing = end;
        while (trailing > start && (text.Classes[trailing - 1] & CharacterClass.WhiteSpace) != 0)
        {
            trailing--;
        }

        if (trailing > start && trailing < end)
        {
            ends.Add(trailing);
        }

        ends.Add(end);
    }
}
