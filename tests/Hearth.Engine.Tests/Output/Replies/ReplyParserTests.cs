using Hearth.Engine.Output.Replies;

namespace Hearth.Engine.Tests.Output.Replies;

public sealed class ReplyParserTests
{
    [Theory]
    [MemberData(nameof(ReplyScripts.All), MemberType = typeof(ReplyScripts))]
    public void Reply_IsTheSame_HoweverItIsCut(string name, string promptEnd, string reply, string expected)
    {
        ReplyFormat format = ReplyScripts.Format(name);
        ReplyOptions options = ReplyRun.Options with { PromptEnd = promptEnd };

        Assert.Equal(expected, ReplyRun.Whole(format, options, reply));
        Assert.Equal(expected, ReplyRun.Characters(format, options, reply));
        for (int seed = 0; seed < 20; seed++)
        {
            Assert.Equal(expected, ReplyRun.Pieces(format, options, reply, seed));
        }
    }

    [Theory]
    [MemberData(nameof(ReplyScripts.All), MemberType = typeof(ReplyScripts))]
    public void EarlyArguments_GiveTheSameCalls(string name, string promptEnd, string reply, string expected)
    {
        ReplyFormat format = ReplyScripts.Format(name);
        ReplyOptions options = ReplyRun.Options with { PromptEnd = promptEnd, EarlyArguments = true };

        // An id that comes after the arguments is not waited for.
        string early = expected.Replace("#abcdef123", "", StringComparison.Ordinal);
        Assert.Equal(early, ReplyRun.Whole(format, options, reply));
        Assert.Equal(early, ReplyRun.Characters(format, options, reply));
    }

    [Theory]
    [MemberData(nameof(ReplyScripts.All), MemberType = typeof(ReplyScripts))]
    public void Cut_GivesABeginningOfTheReply(string name, string promptEnd, string reply, string expected)
    {
        ReplyFormat format = ReplyScripts.Format(name);
        ReplyOptions options = ReplyRun.Options with { PromptEnd = promptEnd };
        Assert.NotEqual("", expected);
        for (int length = 0; length < reply.Length; length++)
        {
            string part = reply[..length];

            Assert.Equal(ReplyRun.Whole(format, options, part), ReplyRun.Characters(format, options, part));
        }
    }

    [Fact]
    public void Text_IsGivenAtOnce_UnlessItMayBeAMark()
    {
        ReplyParser parser = ReplyScripts.Format("hermes").CreateParser(ReplyRun.Options);

        Assert.Equal("C(Hello)", ReplyRun.Describe(parser.Append("Hello")));
        Assert.Equal("C( a)", ReplyRun.Describe(parser.Append(" a <to")));
        Assert.Equal("C( <top)", ReplyRun.Describe(parser.Append("p")));
    }

    [Fact]
    public void EarlyArguments_ComeWhileTheyAreWritten()
    {
        ReplyParser parser = ReplyScripts.Format("hermes").CreateParser(ReplyRun.Options with { EarlyArguments = true });

        Assert.Empty(parser.Append("<tool_call>{\"name\": \"get_weather\", \"arguments\": "));
        Assert.Equal([new ReplyCallStarted(0, null, "get_weather"), new ReplyCallArguments(0, "{\"ci")], parser.Append("{\"ci"));
        Assert.Equal([new ReplyCallArguments(0, "ty\": \"Pa")], parser.Append("ty\": \"Pa"));
        Assert.Equal([new ReplyCallArguments(0, "ris\"}"), new ReplyCallEnded(0, true)], parser.Append("ris\"}}"));
    }

    [Fact]
    public void WithoutEarlyArguments_ACallComesWhole()
    {
        ReplyParser parser = ReplyScripts.Format("hermes").CreateParser(ReplyRun.Options);

        Assert.Empty(parser.Append("<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Pa"));
        Assert.Equal("T(get_weather {\"city\":\"Paris\"})", ReplyRun.Describe(parser.Append("ris\"}}")));
    }

    [Fact]
    public void WithoutTools_CallsAreText()
    {
        const string Call = "<tool_call>{\"name\": \"add\", \"arguments\": {}}</tool_call>";

        Assert.Equal($"R(Hm)C({Call})", ReplyRun.Characters(ReplyScripts.Format("hermes"), new ReplyOptions(), $"<think>Hm</think>{Call}"));
    }

    [Theory]
    [InlineData("hermes", "<think>Hm</think>Hi")]
    [InlineData("harmony", "<|channel|>analysis<|message|>Hm<|end|>")]
    public void ReasoningThatIsNotWantedApart_StaysText(string name, string reply) =>
        Assert.Equal($"C({reply})", ReplyRun.Characters(ReplyScripts.Format(name), ReplyRun.Options with { SeparateReasoning = false }, reply));

    [Fact]
    public void Content_KnowsItsPlaceInTheReply()
    {
        const string Reply = "<think>Hm</think>\n\nHi, <tool_call>{\"name\": \"add\"}</tool_call> you";
        ReplyParser parser = ReplyScripts.Format("hermes").CreateParser(ReplyRun.Options);
        List<ReplyEvent> events = [.. Reply.SelectMany(character => parser.Append(character.ToString())), .. parser.Finish()];

        Assert.NotEmpty(events.OfType<ReplyContent>());
        Assert.All(events.OfType<ReplyContent>(), content => Assert.Equal(content.Text, Reply.Substring(content.Offset, content.Text.Length)));
    }

    [Fact]
    public void IsReasoning_FollowsTheReply()
    {
        ReplyParser parser = ReplyScripts.Format("hermes").CreateParser(new ReplyOptions { PromptEnd = "<think>\n" });

        Assert.True(parser.IsReasoning);
        parser.Append("Hm");
        Assert.True(parser.IsReasoning);
        parser.Append("</think>");
        Assert.False(parser.IsReasoning);
    }

    [Fact]
    public void Marks_AreThoseOfWhatIsLookedFor()
    {
        ReplyFormat format = ReplyScripts.Format("hermes");

        Assert.Equal(["<think>", "</think>"], format.MarksFor(new ReplyOptions()));
        Assert.Contains("<tool_call>", format.MarksFor(ReplyRun.Options));
        Assert.Contains("<|channel|>", ReplyScripts.Format("harmony").MarksFor(new ReplyOptions()));
    }
}
