using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>
/// One step of a pre-tokenizer: cuts a piece of text into smaller pieces, which tokens never cross. It stands for a regular expression
/// whose matches, and the gaps between them, are the new pieces; it is written by hand so that it is linear in the text's length
/// and sees code points, not UTF-16 units.
/// </summary>
internal abstract class TextSplitter
{
    /// <summary>Cuts code points [start, end); nothing outside is seen, as if the piece were a text of its own.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the piece begins.</param>
    /// <param name="end">Where it ends; after <paramref name="start"/>.</param>
    /// <param name="ends">Gets the end of each new piece, ascending; the last is <paramref name="end"/>.</param>
    public abstract void Split(CodePointText text, int start, int end, List<int> ends);
}
