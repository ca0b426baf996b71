using System.Text;
using System.Text.Json.Nodes;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Masks;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Tests.Grammar;

namespace Hearth.Engine.Tests.Output.Replies;

/// <summary>Replies that are drawn from the tokens that a constraint allows, read by the format that made it.</summary>
public sealed class ReplyConstraintTests
{
    private const int Seeds = 10;

    private static readonly string[] s_parameters =
    [
        """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":7},"exact":{"type":"boolean"}},"required":["city"],"additionalProperties":false}""",
        """{"type":"object","properties":{"color":{"enum":["red","</green>","null","5",null]},"name":{"type":["string","null"],"minLength":1},"tags":{"type":"array","items":{"type":"string","maxLength":6},"maxItems":3},"size":{"$ref":"#/$defs/size"}},"required":["tags","color"],"$defs":{"size":{"type":"object","properties":{"w":{"type":"number"},"unit":{"const":"mm"},"deep":{"type":"array","items":{"$ref":"#/$defs/size"},"maxItems":1}},"required":["w","unit"]}}}""",
        """{"type":"object","properties":{"code":{"type":"string","pattern":"^[a-z<>/|]{2,9}$"},"when":{"type":"string","format":"date"},"either":{"anyOf":[{"type":"string","maxLength":4},{"type":"integer","maximum":9}]},"ref":{"$ref":"#/$defs/word"}},"required":["ref","either"],"$defs":{"word":{"type":"string","enum":["yes","7","true"]}}}""",
        """{"type":"object","additionalProperties":{"type":["string","integer"],"maxLength":5},"maxProperties":2}""",
        """{"type":"object","properties":{}}""",
    ];

    private static readonly ReplyTool[] s_tools =
        [.. s_parameters.Select((schema, index) => new ReplyTool($"tool_{index}", JsonNode.Parse(schema)!.AsObject()) { IsStrict = true }), new ReplyTool("no-args") { IsStrict = true }];

    public static TheoryData<string, bool> Formats
    {
        get
        {
            TheoryData<string, bool> data = [];
            foreach (string name in ReplyScripts.Mentions.Keys.Append("mistral-v7").Append("gemma-open"))
            {
                data.Add(name, false);
                data.Add(name, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void RequiredCalls_AreAlwaysReadAsCalls(string format, bool hasControls)
    {
        int finished = 0;
        int several = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            CallRules rules = new() { MustCall = true, Name = seed % 3 == 0 ? s_tools[seed % s_tools.Length].Name : null, IsSingle = seed % 2 == 0 };
            foreach (Reply reply in Draw(format, hasControls, rules, seed, text: null))
            {
                finished++;
                several += reply.Calls.Count > 1 ? 1 : 0;
                Assert.True(reply.Calls.Count > 0, reply.ToString());
                Assert.True(reply.Answer.Length == 0, reply.ToString());
                Check(reply, rules);
            }
        }

        Assert.True(finished >= Seeds, $"{finished} finished");
        Assert.True(several > 0 || format == "harmony", "None has several calls.");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void CallsInFreeText_AreAlwaysValid(string format, bool hasControls)
    {
        int calls = 0;
        int texts = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            CallRules rules = new() { IsSingle = seed % 2 == 0 };
            foreach (Reply reply in Draw(format, hasControls, rules, seed, text: null))
            {
                calls += reply.Calls.Count;
                texts += reply.Content.Length > 0 ? 1 : 0;
                Check(reply, rules);
            }
        }

        Assert.True(calls > 0, "No call.");
        Assert.True(texts > 0, "No text.");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void TextOfAForm_OrCalls(string format, bool hasControls)
    {
        const string Schema = """{"type":"array","items":{"type":"integer"},"minItems":1}""";
        int calls = 0;
        int texts = 0;
        for (int seed = 0; seed < 2 * Seeds; seed++)
        {
            CallRules rules = new() { IsSingle = seed % 2 == 0 };
            foreach (Reply reply in Draw(format, hasControls, rules, seed, GenerationConstraint.FromJsonSchema(Schema)))
            {
                calls += reply.Calls.Count > 0 ? 1 : 0;
                texts += reply.Calls.Count > 0 ? 0 : 1;
                Check(reply, rules);
                Assert.True(reply.Calls.Count > 0 ? reply.Answer.Length == 0 : !reply.HidesReasoning || SchemaValidator.IsValid(Schema, reply.Content), reply.ToString());
            }
        }

        Assert.True(calls > 0 && texts > 0, $"{calls} with calls, {texts} with text");
    }

    [Theory]
    [InlineData("<tool_call>", "")]
    [InlineData("<tool_call>", "<|hidden|>")]
    [InlineData("<tool call>", "<|hidden|>", true)]
    public void MarkWithAHiddenTokenInIt_IsAMark(string mark, string hidden, bool isText = false)
    {
        ReplyFormat format = ReplyScripts.Format("hermes");
        GenerationConstraint constraint = format.ConstraintFor(new ReplyOptions { Tools = s_tools }, new CallRules(), _ => MarkKind.Text);
        byte[] between = hidden.Length > 0 ? ControlTokens.Bytes(hidden) : [];

        Assert.True(TokenWalk.Accepts(constraint, [.. Encoding.UTF8.GetBytes(mark[..5]), .. between]));
        Assert.Equal(isText, TokenWalk.Accepts(constraint, [.. Encoding.UTF8.GetBytes(mark[..5]), .. between, .. between, .. Encoding.UTF8.GetBytes(mark[5..])]));
    }

    private static void Check(Reply reply, CallRules rules)
    {
        Assert.True(reply.Calls.Count <= (rules.IsSingle ? 1 : int.MaxValue), reply.ToString());
        foreach ((string name, string arguments) in reply.Calls)
        {
            ReplyTool? tool = Array.Find(s_tools, tool => tool.Name == name);
            Assert.True(tool is not null && (rules.Name is null || rules.Name == name), reply.ToString());
            Assert.True(SchemaValidator.IsValid(tool!.Parameters?.ToJsonString() ?? """{"type":"object","maxProperties":0}""", arguments), reply.ToString());
        }
    }

    private static IEnumerable<Reply> Draw(string name, bool hasControls, CallRules rules, int seed, GenerationConstraint? text)
    {
        ReplyFormat format = name switch
        {
            "mistral-v7" => ReplyRun.Format("[THINK][TOOL_CALLS][ARGS]"),
            "gemma-open" => ReplyRun.Format("<|channel>thought<|tool_call>call:"),
            _ => ReplyScripts.Format(name),
        };
        ReplyOptions options = new()
        {
            Tools = s_tools,
            SeparateReasoning = seed % 5 != 4,
            PromptEnd = name switch
            {
                "harmony" => "<|start|>assistant",
                "functionary-v3.2" => seed % 4 == 3 ? string.Empty : ">>>",
                "gemma-open" => "<|channel>thought\n",
                _ when format.HasReasoning && seed % 3 == 1 => "</think>",
                _ => string.Empty,
            },
        };
        string[] marks = [.. format.MarksFor(options).Distinct().Where(mark => mark != "functools")];
        GenerationConstraint constraint = format.ConstraintFor(options, rules with { Text = text }, mark =>
            mark == "<|call|>" && hasControls ? MarkKind.End : hasControls && marks.Contains(mark) ? MarkKind.Control : MarkKind.Text);
        TestVocabulary vocabulary = TestVocabulary.WithControls(hasControls ? [.. marks.Where(mark => mark != "<|call|>"), "<|hidden|>"] : []);
        TokenAutomaton automaton = vocabulary.Automaton(constraint);
        for (int walk = 0; walk < 4; walk++)
        {
            (byte[] bytes, bool isFinished) = TokenWalk.Draw(automaton, vocabulary.Trie, vocabulary.EndToken, new Random((seed * 31) + walk), limit: 400, name == "firefunction" ? ["functools["] : marks);
            if (isFinished)
            {
                string written = Encoding.UTF8.GetString([.. bytes.Where(value => value != ControlTokens.Delimiter)]).Replace("<|hidden|>", string.Empty, StringComparison.Ordinal);
                yield return Reply.Read(format, options, written, walk);
            }
        }
    }

    private sealed record Reply(string Written, string Content, IReadOnlyList<(string Name, string Arguments)> Calls, bool HidesReasoning)
    {
        /// <summary>The text, where it has no reasoning in it.</summary>
        public string Answer => HidesReasoning ? Content.Trim() : string.Empty;

        public static Reply Read(ReplyFormat format, ReplyOptions options, string written, int walk)
        {
            bool isStreamed = walk % 2 == 1;
            ReplyParser parser = format.CreateParser(options with { EarlyArguments = isStreamed });
            List<ReplyEvent> events = [];
            foreach (string piece in isStreamed ? written.Chunk(3).Select(chunk => new string(chunk)) : [written])
            {
                events.AddRange(parser.Append(piece));
            }

            events.AddRange(parser.Finish());
            List<(string Name, string Arguments)> calls = [];
            foreach (ReplyEvent part in events)
            {
                if (part is ReplyCallStarted started)
                {
                    calls.Add((started.Name, string.Empty));
                }
                else if (part is ReplyCallArguments arguments)
                {
                    calls[^1] = (calls[^1].Name, calls[^1].Arguments + arguments.Json);
                }
                else if (part is ReplyCallEnded { IsComplete: false })
                {
                    calls[^1] = (calls[^1].Name, "broken off");
                }
            }

            return new Reply(written, string.Concat(events.OfType<ReplyContent>().Select(content => content.Text)), calls, options.SeparateReasoning);
        }

        public override string ToString() => $"{Written}\n=> {string.Join(" | ", Calls)}\ncontent: {Content}";
    }
}
