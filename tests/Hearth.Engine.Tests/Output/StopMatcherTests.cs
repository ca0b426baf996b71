using System.Text;
using Hearth.Engine.Output;

namespace Hearth.Engine.Tests.Output;

public class StopMatcherTests
{
    [Fact]
    public void Text_without_stops_passes()
    {
        var matcher = new StopMatcher([]);
        Assert.Equal("abc", matcher.Append("abc"));
        Assert.Equal("", matcher.Append(""));
        Assert.Equal("", matcher.Flush());
        Assert.False(matcher.IsStopped);
    }

    [Fact]
    public void A_stop_string_and_what_follows_is_dropped()
    {
        var matcher = new StopMatcher(["END", "\n\n"]);
        Assert.Equal("one ", matcher.Append("one END two"));
        Assert.Equal("END", matcher.Matched);
        Assert.True(matcher.IsStopped);
        Assert.Equal("", matcher.Append("three"));
        Assert.Equal("", matcher.Flush());
    }

    [Fact]
    public void What_may_be_a_stop_string_is_held_back()
    {
        var matcher = new StopMatcher(["<|end|>"]);
        Assert.Equal("a", matcher.Append("a<|"));
        Assert.Equal(2, matcher.HeldLength);
        Assert.Equal("", matcher.Append("en"));
        Assert.Equal("<|en", matcher.Append("<"));
        Assert.Equal("", matcher.Append("|end|"));
        Assert.Equal("", matcher.Append(">"));
        Assert.Equal("<|end|>", matcher.Matched);
        Assert.Equal(0, matcher.HeldLength);
    }

    [Fact]
    public void The_end_of_the_text_releases_what_was_held()
    {
        var matcher = new StopMatcher(["stop"]);
        Assert.Equal("full ", matcher.Append("full sto"));
        Assert.Equal("sto", matcher.Flush());
        Assert.Equal("", matcher.Flush());
        Assert.Equal("p", matcher.Append("p"));
        Assert.False(matcher.IsStopped);
    }

    [Fact]
    public void The_stop_string_that_is_complete_first_counts()
    {
        var matcher = new StopMatcher(["abcd", "bc"]);
        Assert.Equal("xa", matcher.Append("xabcd"));
        Assert.Equal("bc", matcher.Matched);
    }

    [Fact]
    public void Of_stop_strings_with_the_same_end_the_longest_counts()
    {
        var matcher = new StopMatcher(["c", "bc", "abc"]);
        Assert.Equal("x", matcher.Append("xabc"));
        Assert.Equal("abc", matcher.Matched);
        matcher = new StopMatcher(["bc", "abcx"]);
        Assert.Equal("", matcher.Append("ab"));
        Assert.Equal("a", matcher.Append("c"));
    }

    [Fact]
    public void Overlapping_starts_are_followed()
    {
        var matcher = new StopMatcher(["aab"]);
        Assert.Equal("aa", matcher.Append("aaaa"));
        Assert.Equal("", matcher.Append("b"));
        Assert.True(matcher.IsStopped);
    }

    [Fact]
    public void Empty_stop_strings_are_refused() => Assert.Throws<ArgumentException>(() => new StopMatcher(["a", ""]));

    [Fact]
    public void Agrees_with_a_naive_search_however_the_text_is_cut()
    {
        var random = new Random(3);
        for (var round = 0; round < 5000; round++)
        {
            var letters = 1 + (round % 3);
            var stops = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Word(random, letters, random.Next(1, 6))).ToList();
            var text = Word(random, letters + 1, random.Next(40));
            var (expected, expectedStop) = Naive(text, stops);

            var matcher = new StopMatcher(stops);
            var emitted = new StringBuilder();
            for (var at = 0; at < text.Length;)
            {
                var length = Math.Min(random.Next(1, 6), text.Length - at);
                emitted.Append(matcher.Append(text.Substring(at, length)));
                at += length;
                if (!matcher.IsStopped)
                {
                    Assert.Equal(text[..at], emitted + text[(at - matcher.HeldLength)..at]);
                    Assert.Equal(LongestHold(text[..at], stops), matcher.HeldLength);
                }
            }

            emitted.Append(matcher.Flush());
            Assert.Equal(expected, emitted.ToString());
            Assert.Equal(expectedStop, matcher.Matched);
        }
    }

    [Fact]
    public void Long_stop_strings_take_linear_time()
    {
        // Quadratic work on a million characters would not end.
        var matcher = new StopMatcher([new string('a', 100_000) + "b", new string('a', 99_999) + "c"]);
        var length = 0;
        for (var i = 0; i < 1_000_000; i++)
        {
            length += matcher.Append("a").Length;
        }

        Assert.Equal(900_000, length);
        Assert.Equal(1, matcher.Append("c").Length);
        Assert.Equal(99_999 + 1, matcher.Matched!.Length);
    }

    private static string Word(Random random, int letters, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(letters))));

    private static (string Text, string? Stop) Naive(string text, List<string> stops)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var stop = stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).MaxBy(stop => stop.Length);
            if (stop is not null)
            {
                return (text[..(end - stop.Length)], stop);
            }
        }

        return (text, null);
    }

    private static int LongestHold(string text, List<string> stops) =>
        Enumerable.Range(0, text.Length + 1)
            .Where(length => stops.Exists(stop => stop.StartsWith(text[(text.Length - length)..], StringComparison.Ordinal)))
            .Max();
}
