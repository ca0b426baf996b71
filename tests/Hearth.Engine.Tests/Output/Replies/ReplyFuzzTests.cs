using System.Text;
using Hearth.Engine.Output.Replies;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Output.Replies;

/// <summary>Marks and pieces of calls in any order: never an exception, the same however they are cut, and no word is lost.</summary>
public sealed class ReplyFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private const int Replies = 300;
    private static readonly List<string> s_names = [.. ReplyScripts.Mentions.Keys];

    public static TheoryData<string> Formats { get; } = [.. ReplyScripts.Mentions.Keys];

    private protected override FuzzTarget Target { get; } = new("replies", Read)
    {
        // The format, how it is read, and the reply.
        Seeds = [.. ReplyScripts.All.Select(row => (byte[])[(byte)s_names.IndexOf(row.Data.Item1), (byte)(row.Data.Item2.Length > 0 ? 1 : 0), .. Encoding.UTF8.GetBytes(row.Data.Item3)])],
        Words =
        [
            .. s_names.SelectMany(name => ReplyScripts.Format(name).MarksFor(ReplyRun.Options)).Distinct(), "{\"name\": \"add\", \"arguments\": {", "\"parameters\": ", "```json\n", "```", "add", "get_weather", "city", "null", "{}", "[]", "\"", "\\", "\\u", ",", ":", "\n", "<", ">", "🦙",
            "<arg_key>", "</arg_key>", "<parameter=city>", "</parameter>", "</function>", "='", "(", ")", "True", "None", "1e999", "functions.add:0",
        ],
        IsRefusal = null,
        Rounds = 150,
        MaxLength = 8 * 1024,
        AllocationBase = 8 * 1024 * 1024,
        AllocationPerByte = 64 * 1024,
    };

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

    private static string Read(byte[] bytes)
    {
        ReplyFormat format = ReplyScripts.Format(s_names[bytes.ElementAtOrDefault(0) % s_names.Count]);
        int how = bytes.ElementAtOrDefault(1);
        string text = Encoding.UTF8.GetString(bytes.AsSpan(Math.Min(2, bytes.Length)));
        ReplyOptions options = ReplyRun.Options with { PromptEnd = (how & 1) != 0 ? "<think>" : "", SeparateReasoning = (how & 2) == 0 };
        string whole = ReplyRun.Whole(format, options, text);
        Assert.Equal(whole, ReplyRun.Pieces(format, options, text, text.Length));
        Assert.Equal(whole, ReplyRun.Characters(format, options, text));
        ReplyRun.Characters(format, options with { EarlyArguments = true }, text);

        // The kinds of parts, of which there are not many orders.
        return $"{format.Name} {new string([.. whole.Where((character, index) => character is 'C' or 'R' or 'T' or 'B' && index + 1 < whole.Length && whole[index + 1] == '(').Take(5)])}";
    }
}
