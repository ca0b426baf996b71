using Hearth.Engine.Gguf;
using Hearth.Engine.Grammar;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Engine.Tokenization;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Scheduling;

public sealed class ReasoningBudgetTests : IDisposable
{
    private const string Begin = "<|begin_of_reply|>";
    private const string Thought = "Wait, let me see once more whether that is so. Hmm? ";
    private const string Answer = "It is 42.";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("<think>", "</think>")]
    [InlineData("[THINK]", "[/THINK]")]
    [InlineData("<seed:think>", "</seed:think>")]
    [InlineData("<mm:think>", "</mm:think>")]
    [InlineData("<thought>", "</thought>")]
    [InlineData("<|START_THINKING|>", "<|END_THINKING|>")]
    [InlineData("<|channel>thought", "<channel|>")]
    [InlineData("◁think▷", "◁/think▷")]
    public void EveryFormat_IsEndedWithItsMark(string open, string close)
    {
        foreach (bool areTokens in (bool[])[true, false])
        {
            foreach (bool isBegun in (bool[])[true, false])
            {
                ReplyFormat format = ReplyFormat.Detect(open + close, _ => false);
                ReplyOptions reply = new() { PromptEnd = isBegun ? open : string.Empty };
                Tokenizer tokenizer = Vocabulary(areTokens ? [.. format.MarksFor(reply)] : []);
                ReasoningLimit limit = new(new ReasoningBudget(3, format, reply, Marks(tokenizer, format, reply)), tokenizer);

                Feed(limit, isBegun ? [] : tokenizer.Encode(open, addSpecial: false, parseSpecial: true));
                Assert.Null(limit.Forced);
                Feed(limit, Bytes(tokenizer, "ab"));
                Assert.Null(limit.Forced);
                Feed(limit, Bytes(tokenizer, "c"));

                Assert.Equal(close, Follow(limit, tokenizer));
                Feed(limit, Bytes(tokenizer, "An answer, which may be as long as it likes."));
                Assert.Null(limit.Forced);
            }
        }
    }

    [Fact]
    public void MarkThatHasBegun_IsCompleted()
    {
        ReplyFormat format = ReplyFormat.Detect("<think></think>", _ => false);
        Tokenizer tokenizer = Vocabulary([]);
        ReasoningLimit limit = new(new ReasoningBudget(5, format, new ReplyOptions { PromptEnd = "<think>" }, new HashSet<int>()), tokenizer);

        Feed(limit, Bytes(tokenizer, "ab</t"));

        Assert.Equal("hink>", Follow(limit, tokenizer));
    }

    [Fact]
    public void MarkOfTheModelItself_IsNotCountedOrFollowed()
    {
        ReplyFormat format = ReplyFormat.Detect("<think></think>", _ => false);
        Tokenizer tokenizer = Vocabulary(["<think>", "</think>"]);
        ReplyOptions reply = new();
        ReasoningLimit limit = new(new ReasoningBudget(2, format, reply, Marks(tokenizer, format, reply)), tokenizer);

        Feed(limit, tokenizer.Encode("<think>ab", addSpecial: false, parseSpecial: true)[..2]);
        Feed(limit, tokenizer.Encode("</think>Text of <think>more than two tokens", addSpecial: false, parseSpecial: true));

        Assert.Null(limit.Forced);
    }

    [Fact]
    public void Harmony_EndsTheMessage_AndAFurtherOneWithTheAnswer()
    {
        const string Analysis = "<|channel|>analysis<|message|>";
        const string Final = "<|end|><|start|>assistant<|channel|>final<|message|>";
        ReplyFormat format = ReplyFormat.Detect("<|channel|><|message|>", _ => false);
        Tokenizer tokenizer = Vocabulary(["<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|call|>", "<|constrain|>", "<|return|>"]);
        ReasoningLimit Limit(params ReplyTool[] tools)
        {
            ReplyOptions reply = new() { Tools = tools };
            ReasoningLimit limit = new(new ReasoningBudget(2, format, reply, Marks(tokenizer, format, reply)), tokenizer);
            Feed(limit, tokenizer.Encode(Analysis, addSpecial: false, parseSpecial: true));
            Assert.Null(limit.Forced);
            Feed(limit, Bytes(tokenizer, "ab"));
            return limit;
        }

        ReasoningLimit alone = Limit();
        Assert.Equal(Final, Follow(alone, tokenizer));
        Feed(alone, Bytes(tokenizer, "The answer."));
        Assert.Null(alone.Forced);

        ReasoningLimit withTools = Limit(new ReplyTool("add"));
        Assert.Equal("<|end|>", Follow(withTools, tokenizer));
        Feed(withTools, tokenizer.Encode("<|start|>assistant<|channel|>commentary to=functions.add<|constrain|>json<|message|>{}", addSpecial: false, parseSpecial: true));
        Assert.Null(withTools.Forced);

        ReasoningLimit again = Limit(new ReplyTool("add"));
        Assert.Equal("<|end|>", Follow(again, tokenizer));
        Feed(again, tokenizer.Encode("<|start|>assistant" + Analysis, addSpecial: false, parseSpecial: true));
        Assert.Equal(Final, Follow(again, tokenizer));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(31)]
    [InlineData(100)]
    public async Task SameTokens_WithAndWithoutGuessesAndStepsForEach_AloneAndBesideOthers(int budget)
    {
        string path = ScriptedModel.WriteEndless(Path.Combine(_folder.FullName, "model.gguf"), "<think>" + Thought, "</think>", Answer, string.Empty, Begin, "<think>", "</think>");
        using LanguageModel plain = LanguageModel.Load(path, new LanguageModelOptions { Threads = 1, ContextLength = 512, Speculation = new SpeculationOptions { PromptLookup = false } });
        using LanguageModel guessing = LanguageModel.Load(path, new LanguageModelOptions { Threads = 1, Parallel = 4, ContextLength = 512, Speculation = new SpeculationOptions { StepCost = _ => 1 } });
        GenerationRequest request = Request(plain, budget);

        (string expected, GenerationUsage usage) = await RunAsync(plain, request);

        Assert.EndsWith("</think>" + Answer, expected, StringComparison.Ordinal);
        int answer = (await RunAsync(plain, Request(plain, 0))).Usage.CompletionTokens;
        Assert.Equal(answer + budget, usage.CompletionTokens);
        Assert.Equal(expected, (await RunAsync(plain, request with { TopLogProbabilities = 0 })).Text);
        (string Text, GenerationUsage Usage)[] together = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RunAsync(guessing, request)));
        Assert.All(together, run => Assert.Equal(expected, run.Text));
        Assert.Equal(expected, (await RunAsync(guessing, request with { TopLogProbabilities = 0 })).Text);
        Assert.Equal(budget >= 30, together.Any(run => run.Usage.AcceptedTokens > 0));
    }

    [Fact]
    public async Task Form_BeginsBehindTheEnd()
    {
        string path = ScriptedModel.WriteEndless(Path.Combine(_folder.FullName, "model.gguf"), "<think>" + Thought, "</think>", Answer, string.Empty, Begin, "<think>", "</think>");
        using LanguageModel model = LanguageModel.Load(path, new LanguageModelOptions { Threads = 1, ContextLength = 512, Speculation = new SpeculationOptions { StepCost = _ => 1 } });
        GenerationRequest request = Request(model, 40) with
        {
            Constraint = GenerationConstraint.FromJsonSchema("""{"const":"yes"}"""),
            Preamble = new ConstraintPreamble("<think>", "</think>"),
        };

        (string text, _) = await RunAsync(model, request);

        Assert.Equal("\"yes\"", text[(text.IndexOf("</think>", StringComparison.Ordinal) + "</think>".Length)..].TrimStart());
    }

    private static GenerationRequest Request(LanguageModel model, int budget)
    {
        ReplyFormat format = ReplyFormat.Detect("<think></think>", _ => false);
        ReplyOptions reply = new();
        IReadOnlySet<int> marks = Marks(model.Tokenizer, format, reply);
        return new GenerationRequest
        {
            Prompt = model.Tokenizer.Encode(Begin, addSpecial: false, parseSpecial: true),
            MaxTokens = 200,
            Sampling = new SamplingOptions { Temperature = 0 },
            ShownTokens = marks,
            ReasoningBudget = new ReasoningBudget(budget, format, reply, marks),
        };
    }

    private static async Task<(string Text, GenerationUsage Usage)> RunAsync(LanguageModel model, GenerationRequest request)
    {
        List<GenerationEvent> events = await Traces.EventsAsync(model, request);
        GenerationFinished finished = Assert.IsType<GenerationFinished>(events[^1]);
        Assert.Equal(FinishReason.Stop, finished.Reason);
        return (string.Concat(events.OfType<TextDelta>().Select(delta => delta.Text)), finished.Usage);
    }

    private static HashSet<int> Marks(Tokenizer tokenizer, ReplyFormat format, ReplyOptions reply) =>
        [.. format.MarksFor(reply).Select(tokenizer.FindToken).OfType<int>()];

    // A token for each byte.
    private static List<int> Bytes(Tokenizer tokenizer, string text) => tokenizer.Encode(text, addSpecial: false, parseSpecial: false);

    private static void Feed(ReasoningLimit limit, IEnumerable<int> tokens)
    {
        foreach (int token in tokens)
        {
            Assert.Null(limit.Forced);
            limit.Accept(token);
        }
    }

    private static string Follow(ReasoningLimit limit, Tokenizer tokenizer)
    {
        List<int> tokens = [];
        while (limit.Forced is int token && tokens.Count < 100)
        {
            tokens.Add(token);
            limit.Accept(token);
        }

        return tokenizer.DecodeText(tokens, includeSpecial: true);
    }

    private Tokenizer Vocabulary(string[] controls)
    {
        string path = ScriptedModel.Write(Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.gguf"), "a", string.Empty, Begin, controls);
        using GgufFile file = GgufFile.Open(path);
        return Tokenizer.Create(file.Metadata);
    }
}
