namespace Hearth.Training.Text;

/// <summary>One thing that people ask, in all the wordings written for it.</summary>
/// <param name="Name">A dotted name, unique.</param>
/// <param name="Wordings">The patterns of the questions.</param>
/// <param name="Answers">One answer, or several that are equally good.</param>
/// <param name="KeyPhrases">What a correct answer must contain; empty: it must be one of the answers.</param>
internal sealed record Intent(string Name, IReadOnlyList<Pattern> Wordings, IReadOnlyList<string> Answers, IReadOnlyList<string> KeyPhrases)
{
    /// <summary>True when the text is one of the answers (but for case and white space), or has all key phrases.</summary>
    public bool Accepts(string text)
    {
        string said = Squeeze(text);
        return Answers.Any(answer => Squeeze(answer) == said)
            || (KeyPhrases.Count > 0 && KeyPhrases.All(phrase => said.Contains(Squeeze(phrase), StringComparison.Ordinal)));
    }

    private static string Squeeze(string text) =>
        string.Join(' ', text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
