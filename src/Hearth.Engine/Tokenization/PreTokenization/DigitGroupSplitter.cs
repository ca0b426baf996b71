using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>Cuts numbers into groups of three counted from their end: 1234567 is 1, 234 and 567.</summary>
/// <param name="asciiOnly">
/// True for <c>(?=(\d{3})+(?!\d))</c>: ASCII digits, cut before every group. False for numbers of any script, cut after every group, so
/// that the
/// first stays with the text before it: the reference implementation's reading of <c>\d{1,3}(?=(?:\d{3})*\b)</c>.
/// </param>
internal sealed class DigitGroupSplitter(bool asciiOnly) : TextSplitter
{
    private const int GroupLength = 3;

    /// <inheritdoc/>
    public override void Split(CodePointText text, int start, int end, List<int> ends)
    {
        int cut = start;
        for (int i = start; i < end;)
        {
            int runEnd = i;
            while (runEnd < end && IsDigit(text, runEnd))
            {
                runEnd++;
            }

            if (runEnd == i)
            {
                i++;
                continue;
            }

            int first = i + ((runEnd - i) % GroupLength);
            int last = asciiOnly ? runEnd - GroupLength : runEnd;
            for (int group = !asciiOnly && first == i ? first + GroupLength : first; group <= last; group += GroupLength)
            {
                if (group > cut)
                {
                    ends.Add(cut = group);
                }
            }

            i = runEnd;
        }

        if (cut < end)
        {
            ends.Add(end);
        }
    }

    private bool IsDigit(CodePointText text, int position) =>
        asciiOnly ? text.CodePoints[position] is >= '0' and <= '9' : (text.Classes[position] & CharacterClass.Number) != 0;
}
