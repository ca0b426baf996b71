using System.Text;
using Hearth.Engine.Gguf;
using Hearth.Engine.Sampling;
using Hearth.Engine.Tokenization;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Sampling;

public class DryTests
{
    [Theory]
    [InlineData(4, new[] { 0, 1 }, 1f, 2, 4, -1, new[] { 0.25f, 0.25f, 0.25f, 0.25f })]
    [InlineData(4, new[] { 0, 1, 2, 0, 1 }, 1f, 2, 5, -1, new[] { 0.296923f, 0.296923f, 0.109232f, 0.296923f })]
    [InlineData(5, new[] { 0, 1, 3, 4, 0, 1 }, 1f, 2, 6, 3, new[] { 0.2f, 0.2f, 0.2f, 0.2f, 0.2f })]
    [InlineData(5, new[] { 0, 1, 2, 0, 1 }, 2f, 2, 5, -1, new[] { 0.241818f, 0.241818f, 0.032727f, 0.241818f, 0.241818f })]
    [InlineData(5, new[] { 0, 1, 2, 3, 4, 0, 1 }, 1f, 4, 7, -1, new[] { 0.2f, 0.2f, 0.2f, 0.2f, 0.2f })]
    public void Penalises_the_continuation(
        int vocabulary, int[] tokens, float multiplier, int allowed, int window, int breaker, float[] probabilities)
    {
        var options = new SamplingOptions
        {
            DryMultiplier = multiplier,
            DryBase = 1.1f,
            DryAllowedLength = allowed,
            DryPenaltyLastN = window,
        };
        var breakers = breaker < 0 ? DryBreakers.None : DryBreakers.FromTokens([[breaker]]);
        var logits = StageRunner.Logits([.. Enumerable.Repeat(1f / vocabulary, vocabulary)]);
        StageRunner.Check(
            StageRunner.Run(logits, new Dry(History(tokens), options, breakers)), [.. Enumerable.Range(0, vocabulary)], probabilities);
    }

    [Fact]
    public void The_penalty_grows_exponentially_and_stays_finite()
    {
        var options = new SamplingOptions { DryMultiplier = 0.5f, DryBase = 2, DryAllowedLength = 2, DryPenaltyLastN = -1 };

        // The last 5 tokens came before, followed by 9: 0.5 * 2^(5 - 2).
        var dry = new Dry(History([1, 2, 3, 4, 5, 9, 1, 2, 3, 4, 5]), options, DryBreakers.None);
        Assert.Equal(-4f, StageRunner.Run(new float[10], dry)[9].Logit);

        dry = new Dry(History([.. Enumerable.Repeat(7, 1000)]), options, DryBreakers.None);
        Assert.Equal(-0.5f * MathF.Pow(2, 127), StageRunner.Run(new float[10], dry)[7].Logit);
    }

    [Fact]
    public void Agrees_with_a_naive_search()
    {
        var random = new Random(11);
        for (var round = 0; round < 2000; round++)
        {
            var tokens = Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(1 + (round % 5))).ToArray();
            var window = random.Next(-1, 50);
            var allowed = random.Next(4);
            var breakers = new List<int[]>();
            for (var i = random.Next(3); i > 0; i--)
            {
                breakers.Add([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(6))]);
            }

            var options = new SamplingOptions { DryMultiplier = 1, DryAllowedLength = allowed, DryPenaltyLastN = window };
            var dry = new Dry(History(tokens), options, DryBreakers.FromTokens(breakers));
            var last = window < 0 ? tokens : [.. tokens.TakeLast(window)];
            Assert.Equal(Naive(last, allowed, breakers), dry.FindRepeats().ToDictionary());
        }
    }

    [Fact]
    public void Breakers_are_found_inside_and_across_tokens()
    {
        string[] vocabulary = ["a", "b\nc", "\n", "x\n", "ab", "b", "ca", "q", "é"];
        var breakers = DryBreakers.Create(
            ["\n", "abc", "zé"], vocabulary.Length, token => Encoding.UTF8.GetBytes(vocabulary[token]), Tokenize);

        Assert.Equal([1, 2, 3], Enumerable.Range(0, vocabulary.Length).Where(breakers.IsBreaker));

        // "abc" as [ab, c..] does not occur, since the rest "c" is no token; as [a, bc] the rest is [b, ca] here.
        Assert.Equal(4, breakers.DistanceFromEnd([7, 7, 7, 7]));
        Assert.Equal(2, breakers.DistanceFromEnd([7, 7, 2, 7]));
        Assert.Equal(1, breakers.DistanceFromEnd([7, 6, 5, 0, 7]));
        Assert.Equal(3, breakers.DistanceFromEnd([6, 5, 7]));

        IReadOnlyList<int> Tokenize(string text) => text == "bc" ? [5, 6] : [];
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345678901234567890123456789012345678901")]
    [InlineData("ééééééééééééééééééééé")]
    public void Breakers_of_no_or_many_bytes_are_refused(string breaker)
    {
        var error = Assert.Throws<SamplingOptionException>(
            () => DryBreakers.Create([breaker], 1, _ => [], _ => []));
        Assert.Equal("DrySequenceBreakers", error.Option);
    }

    [Fact]
    public void Breakers_are_found_in_a_real_vocabulary()
    {
        using var file = GgufFile.Open(Golden.Path("vocab", "gpt-2.gguf"));
        var tokenizer = Tokenizer.Create(file.Metadata);
        var breakers = DryBreakers.Create(["\n", "Human:"], tokenizer);
        var expected = Enumerable.Range(0, tokenizer.VocabularySize).Where(token => tokenizer.TokenBytes(token).Contains((byte)'\n'));
        Assert.Equal(expected, Enumerable.Range(0, tokenizer.VocabularySize).Where(breakers.IsBreaker));
        Assert.Equal(3, After("A line.\none two three"));
        Assert.Equal(3, After("Human: one two three"));
        Assert.Equal(5, After("Human one two three four"));

        int After(string text)
        {
            var tokens = tokenizer.Encode(text, addSpecial: false, parseSpecial: false);
            tokens.Reverse();
            return breakers.DistanceFromEnd(tokens.ToArray());
        }
    }

    private static TokenHistory History(int[] tokens)
    {
        var history = new TokenHistory(int.MaxValue);
        foreach (var token in tokens)
        {
            history.Add(token);
        }

        return history;
    }

    private static Dictionary<int, int> Naive(int[] tokens, int allowed, List<int[]> breakers)
    {
        var repeats = new Dictionary<int, int>();
        var count = tokens.Length;
        var limit = count;
        for (var start = count - 1; start >= 0; start--)
        {
            var found = breakers.Where(breaker => tokens.AsSpan(start).StartsWith(breaker)).Select(breaker => breaker.Length);
            if (found.Any())
            {
                limit = count - start - found.Max();
                break;
            }
        }

        if (count <= allowed || limit < allowed)
        {
            return repeats;
        }

        for (var next = 1; next < count; next++)
        {
            var length = 0;
            while (length < next && tokens[next - 1 - length] == tokens[count - 1 - length])
            {
                length++;
            }

            length = Math.Min(length, limit);
            var isBreaker = breakers.Any(breaker => breaker.Length == 1 && breaker[0] == tokens[next]);
            if (length >= allowed && !isBreaker)
            {
                repeats[tokens[next]] = Math.Max(length, repeats.GetValueOrDefault(tokens[next]));
            }
        }

        return repeats;
    }
}
