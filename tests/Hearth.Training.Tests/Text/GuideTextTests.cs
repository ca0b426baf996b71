using Hearth.Tests;
using Hearth.Training.Text;

namespace Hearth.Training.Tests.Text;

/// <summary>The committed text itself.</summary>
public sealed class GuideTextTests
{
    private static readonly GuideText s_text = GuideText.Load(Folder);

    internal static string Folder => Path.Combine(Golden.RepositoryRoot, "models", "guide");

    [Fact]
    public void No_held_out_question_can_come_from_a_training_wording()
    {
        Lexicon lexicon = s_text.Lexicon;
        HashSet<string> around = [.. lexicon.Before.Concat(lexicon.After).Select(text => string.Join(' ', lexicon.Normalize(text)))];
        IEnumerable<string> known = s_text.HeldOut
            .Select(pair => pair.Question)
            .Where(question => Cores(lexicon.Normalize(question), around).Any(words =>
                s_text.Intents.Any(intent => intent.Wordings.Any(wording => wording.Ends(words, 0, lexicon).Contains(words.Count)))));

        Assert.Equal("", string.Join("\n", known));
    }

    [Fact]
    public void The_held_out_questions_are_many_and_cover_most_intents()
    {
        Assert.True(s_text.HeldOut.Count >= 120);
        Assert.True(s_text.HeldOut.Count(pair => pair.Intent.Name == "offtopic") >= 15);
        Assert.True(s_text.HeldOut.Select(pair => pair.Intent.Name).Distinct().Count() > 0.9 * s_text.Intents.Count);
        Assert.Equal(s_text.HeldOut.Count, s_text.HeldOut.Select(pair => pair.Question).Distinct().Count());
    }

    [Fact]
    public void Answers_are_short_ascii_and_hold_their_key_phrases()
    {
        Assert.All(s_text.Intents, intent => Assert.All(intent.Answers, answer =>
        {
            Assert.True(answer.All(character => character is >= ' ' and <= '~'), $"{intent.Name}: {answer}");
            Assert.True(answer.Length <= 300, intent.Name);
            Assert.True(intent.Accepts(answer), intent.Name);
            Assert.All(intent.KeyPhrases, phrase => Assert.Contains(phrase, answer, StringComparison.OrdinalIgnoreCase));
        }));
    }

    [Fact]
    public void An_answer_to_something_else_does_not_count()
    {
        Intent gpu = s_text.Intents.Single(intent => intent.Name == "about.gpu");
        int accepted = s_text.Intents.Where(intent => intent != gpu).Count(intent => gpu.Accepts(intent.Answers[0]));

        Assert.Equal(0, accepted);
        Assert.True(gpu.Accepts("Hearth  runs on the cpu in this version; it uses no GPU and needs none."));
    }

    [Fact]
    public void A_line_of_no_known_kind_is_an_error() =>
        Assert.Throws<FormatException>(() => GuideText.ParseTheme(["# a", "Q: b", "Z: c"], s_text.Lexicon, "x.txt"));

    [Fact]
    public void An_intent_without_answer_is_an_error() =>
        Assert.Throws<FormatException>(() => GuideText.ParseTheme(["# a", "Q: b"], s_text.Lexicon, "x.txt"));

    /// <summary>The words, and what is left of them without politeness before and after.</summary>
    private static IEnumerable<IReadOnlyList<string>> Cores(IReadOnlyList<string> words, HashSet<string> around)
    {
        for (int start = 0; start < words.Count; start++)
        {
            for (int end = words.Count; end > start; end--)
            {
                bool polite = (start == 0 || around.Contains(string.Join(' ', words.Take(start))))
                    && (end == words.Count || around.Contains(string.Join(' ', words.Skip(end))));
                if (polite)
                {
                    yield return [.. words.Skip(start).Take(end - start)];
                }
            }
        }
    }
}
