using System.Text;
using Hearth.Engine.Output.Replies;

namespace Hearth.Engine.Tests.Output.Replies;

/// <summary>Marks and pieces of calls in any order: never an exception, the same however they are cut, and no word is lost.</summary>
public sealed class ReplyFuzzTests
{
    private const int Replies = 300;

    public static TheoryData<string> Formats { get; } = [.. ReplyScripts.Mentions.Keys];

    [Theory]
    [MemberData(nameof(Formats))]
    public void RandomReply_IsReadTheSame_HoweverItIsCut(string name)
    {
        ReplyFormat format = ReplyScripts.Format(name);
        string[] pieces =
        [
            .. format.MarksFor(ReplyRun.Options), ..ReplyScripts.All.Select(row => row.Data).Where(row => row.Item1 == name).SelectMany(row => Split(row.Item3)),
            "{", "}", "[", "]", "\"", "\\", ",", ":", "\n", " ", "<", "null", "{}", "add", "```json\n", "```", "</tool_call>", "<think>", "🦙",
        ];
        for (int seed = 0; seed < Replies; seed++)
        {
            Random random = new(seed);
            StringBuilder reply = new();
            for (int i = random.Next(1, 30); i > 0; i--)
            {
                reply.Append(pieces[random.Next(pieces.Length)]);
            }

            string text = reply.ToString();
            ReplyOptions options = ReplyRun.Options with { PromptEnd = random.Next(4) == 0 ? "<think>" : "", SeparateReasoning = random.Next(4) > 0 };
            string whole = ReplyRun.Whole(format, options, text);

            Assert.True(whole == ReplyRun.Characters(format, options, text), $"Seed {seed}: {text}");
            Assert.True(whole == ReplyRun.Pieces(format, options, text, seed), $"Seed {seed}: {text}");
            ReplyRun.Characters(format, options with { EarlyArguments = true }, text);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Words_AreNeverLost(string name)
    {
        ReplyFormat format = ReplyScripts.Format(name);
        string[] marks = [.. format.MarksFor(ReplyRun.Options), "{\"name\": \"", "\"}", "<tool_call>", "{", "\n", " ", ">>>all\n"];
        for (int seed = 0; seed < Replies; seed++)
        {
            Random random = new(seed);
            StringBuilder reply = new();
            List<string> words = [];
            for (int i = 0; i < 12; i++)
            {
                // Not the beginning of anything, and no argument's text.
                words.Add($"word{i};");
                reply.Append(words[^1]).Append(marks[random.Next(marks.Length)]);
            }

            string whole = ReplyRun.Characters(format, ReplyRun.Options, reply.ToString());

            Assert.All(words, word => Assert.Contains(word, whole, StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Split(string reply)
    {
        for (int i = 0; i < reply.Length; i += 7)
        {
            yield return reply.Substring(i, Math.Min(7, reply.Length - i));
        }
    }
}
