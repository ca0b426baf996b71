using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>
/// What <c>tokenizer.ggml.pre</c> names: the steps that cut a text into words, and how the words are encoded.
/// </summary>
internal sealed record PreTokenizer
{
    /// <summary>The steps, each applied to the pieces of the one before.</summary>
    public required TextSplitter[] Steps { get; init; }

    /// <summary>Whether a word that is a token is taken as it is, whatever the merges would make of it.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>Whether a prompt begins with the begin-of-sequence token unless the file says otherwise.</summary>
    public bool AddBos { get; init; }

    /// <summary>Whether the begin-of-sequence token is added whatever the file says.</summary>
    public bool ForceBos { get; init; }

    /// <summary>Whether a prompt ends with the separator unless the file says otherwise.</summary>
    public bool AddSep { get; init; }

    /// <summary>Whether there is no begin-of-sequence token unless the file names one.</summary>
    public bool NoDefaultBos { get; init; }

    /// <summary>Whether tokens are UTF-8 as it is, with <c>&lt;0xXX&gt;</c> for other bytes, instead of GPT-2's printable bytes.</summary>
    public bool RawUtf8 { get; init; }

    /// <summary>Whether spaces are written as U+2581.</summary>
    public bool EscapeSpaces { get; init; }

    /// <summary>Whether a run of newlines that is a token is taken as it is.</summary>
    public bool WholeNewlines { get; init; }

    /// <summary>Whether spaces before punctuation and contractions are removed when the text is cleaned up.</summary>
    public bool CleanUpSpaces { get; init; } = true;

    /// <summary>Cuts a text into words.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ends">Gets the end of each word, ascending.</param>
    /// <param name="spare">A list to work with.</param>
    /// <returns>One of the two lists.</returns>
    public List<int> Split(CodePointText text, List<int> ends, List<int> spare)
    {
        ends.Clear();
        if (text.Length == 0)
        {
            return ends;
        }

        ends.Add(text.Length);
        foreach (TextSplitter step in Steps)
        {
            spare.Clear();
            int start = 0;
            foreach (int end in ends)
            {
                step.Split(text, start, end, spare);
                start = end;
            }

            (ends, spare) = (spare, ends);
        }

        return ends;
    }
}
