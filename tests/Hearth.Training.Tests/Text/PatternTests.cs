using Hearth.Training.Numerics;
using Hearth.Training.Text;

namespace Hearth.Training.Tests.Text;

public sealed class PatternTests
{
    private static readonly Lexicon s_lexicon = Lexicon.Parse(
    [
        "# a comment", "howto = how do i|how to", "@synonyms answer|reply", "@short what is=what's", "@case API", "@before please", "@after thanks",
    ]);

    [Theory]
    [InlineData("{howto} stream (an answer|tokens) [now]", 8)]
    [InlineData("a (b|c (d|e|)) [f [g]]", 12)]
    [InlineData("x", 1)]
    public void Expansions_are_counted(string source, double expected) =>
        Assert.Equal(expected, Pattern.Parse(source, s_lexicon.Lists).Expansions);

    [Theory]
    [InlineData("How do I stream an ANSWER?", true)]
    [InlineData("how to stream an reply now", true)]
    [InlineData("how to stream now tokens", false)]
    [InlineData("how to stream", false)]
    [InlineData("how to stream tokens now now", false)]
    public void A_wording_matches_when_the_pattern_can_produce_it(string text, bool expected)
    {
        Pattern pattern = Pattern.Parse("{howto} stream (an answer|tokens) [now]", s_lexicon.Lists);
        IReadOnlyList<string> words = s_lexicon.Normalize(text);

        Assert.Equal(expected, pattern.Ends(words, 0, s_lexicon).Contains(words.Count));
    }

    [Fact]
    public void Whatever_is_sampled_matches()
    {
        Pattern pattern = Pattern.Parse("(what is|{howto} (see|get)) [the] [first|last (reply|word)] it's", s_lexicon.Lists);
        var random = new DeterministicRandom(1);
        for (int i = 0; i < 100; i++)
        {
            List<string> words = [];
            pattern.Sample(random, words);
            IReadOnlyList<string> normal = s_lexicon.Normalize(string.Join(' ', words));
            Assert.Contains(normal.Count, pattern.Ends(normal, 0, s_lexicon));
        }
    }

    [Theory]
    [InlineData("a (b")]
    [InlineData("a b)")]
    [InlineData("a [b)")]
    [InlineData("answer(s|)")]
    [InlineData("{unknown}")]
    public void A_broken_pattern_is_an_error(string source) =>
        Assert.Throws<FormatException>(() => Pattern.Parse(source, s_lexicon.Lists));

    [Fact]
    public void Normal_words_have_no_case_punctuation_contractions_or_synonyms() =>
        Assert.Equal(["what", "is", "a", "answer", "in", "v1/chat"], s_lexicon.Normalize("What's a \"reply\" in v1/chat?!"));
}
