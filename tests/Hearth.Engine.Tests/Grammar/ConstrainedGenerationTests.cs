using Hearth.Engine.Grammar;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Engine.Tests.Scheduling;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>Whole answers of a model under constraints.</summary>
public sealed class ConstrainedGenerationTests
{
    private const string Person = """
        {"type":"object","properties":{"name":{"type":"string","maxLength":12},"age":{"type":"integer","minimum":0,"maximum":120},"tags":{"type":"array","items":{"enum":["red","green"]},"maxItems":3},"contact information":{"type":["null","boolean"]}},"required":["name","age","tags","contact information"]}
        """;

    private static readonly SpeculationOptions s_plain = new() { PromptLookup = false };
    private static readonly SpeculationOptions s_eager = new() { StepCost = _ => 1 };

    [Fact]
    public async Task Answers_SatisfyTheSchema()
    {
        using LanguageModel model = LoadStories(s_plain);

        foreach (GenerationRequest request in Requests(model))
        {
            (string text, FinishReason reason, _) = await RunAsync(model, request);

            Assert.Equal(FinishReason.Stop, reason);
            Assert.True(SchemaValidator.IsValid(Person, text), text);
        }
    }

    [Fact]
    public async Task TextThatMustFollow_TakesNoStepsOfItsOwn()
    {
        using LanguageModel model = LoadStories(s_plain);
        GenerationRequest request = Request(model, GenerationConstraint.FromJsonSchema("""{"const":"Once upon a time there was a little girl"}"""));

        (string text, FinishReason reason, GenerationUsage usage) = await RunAsync(model, request);

        Assert.Equal(("\"Once upon a time there was a little girl\"", FinishReason.Stop), (text, reason));
        Assert.True(usage.CompletionTokens > 5, $"{usage}");
        Assert.Equal(1, model.Statistics.Steps);
    }

    [Fact]
    public async Task SameTokens_WithAndWithoutGuessesAndStepsForEach_AloneAndBesideOthers()
    {
        string[] plain;
        string[] stepByStep;
        using (LanguageModel alone = LoadStories(s_plain))
        {
            plain = await AllAsync(alone, Requests(alone), together: false);

            // With log-probabilities, each token has a step of its own.
            stepByStep = await AllAsync(alone, [.. Requests(alone).Select(request => request with { TopLogProbabilities = 0 })], together: false);
        }

        Assert.Equal(plain, stepByStep);
        using LanguageModel guessing = LoadStories(s_eager);
        Assert.Equal(plain, await AllAsync(guessing, Requests(guessing), together: false));
        Assert.True(guessing.Statistics.AcceptedTokens > 0, $"{guessing.Statistics}");
        Assert.Equal(plain, await AllAsync(guessing, Requests(guessing), together: true));
        Assert.Equal(0, guessing.Statistics.UsedBlocks);
    }

    [Theory]
    [InlineData("mamba2")]
    [InlineData("qwen3next")]
    public async Task RecurrentModels_HaveTheSameTokensToo(string name)
    {
        string path = Traces.Write(name);
        try
        {
            LanguageModelOptions options = new() { Threads = 2, Parallel = 8, ContextLength = 512, Speculation = s_plain };
            using LanguageModel model = LanguageModel.Load(path, options);
            string[] stepByStep = await AllAsync(model, [.. Requests(model).Select(request => request with { TopLogProbabilities = 0 })], together: false);

            Assert.Equal(stepByStep, await AllAsync(model, Requests(model), together: false));
            Assert.Equal(stepByStep, await AllAsync(model, Requests(model), together: true));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task TooFewTokens_EndWithLength()
    {
        using LanguageModel model = LoadStories(s_plain);

        (string text, FinishReason reason, GenerationUsage usage) = await RunAsync(model, Requests(model)[0] with { MaxTokens = 9 });

        Assert.Equal((FinishReason.Length, 9), (reason, usage.CompletionTokens));
        Assert.False(SchemaValidator.IsValid(Person, text));
    }

    [Fact]
    public async Task StopText_EndsTheAnswerInsideForcedText()
    {
        using LanguageModel model = LoadStories(s_plain);
        GenerationRequest request = Request(model, GenerationConstraint.FromJsonSchema("""{"const":"Once upon a time"}""")) with { Stop = ["pon"] };

        (string text, FinishReason reason, _) = await RunAsync(model, request);

        Assert.Equal(("\"Once u", FinishReason.Stop), (text, reason));
    }

    [Fact]
    public async Task IgnoredEndOfGeneration_StillEndsWhereNothingMayFollow()
    {
        using LanguageModel model = LoadStories(s_plain);
        GenerationRequest request = Request(model, GenerationConstraint.FromJsonSchema(Person));

        (string text, FinishReason reason, _) = await RunAsync(model, request with { Sampling = request.Sampling with { IgnoreEndOfGeneration = true } });

        Assert.Equal(FinishReason.Stop, reason);
        Assert.True(SchemaValidator.IsValid(Person, text), text);
    }

    // The model's own text is free until the mark, then it is held to the form.
    [Fact]
    public async Task Preamble_IsFree_AndTheConstraintBeginsBehindItsEnd()
    {
        using LanguageModel model = LoadStories(s_plain);
        GenerationRequest request = Request(model, GenerationConstraint.FromJsonSchema(Person));
        (string free, _, _) = await RunAsync(model, request with { Constraint = null, MaxTokens = 20 });
        const string Mark = "girl";

        foreach (SpeculationOptions speculation in (SpeculationOptions[])[s_plain, s_eager])
        {
            using LanguageModel other = LoadStories(speculation);
            (string text, FinishReason reason, _) = await RunAsync(other, request with { Preamble = new ConstraintPreamble(Open: null, Mark) });

            int end = text.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
            Assert.Equal(free[..end], text[..end]);
            Assert.Equal(FinishReason.Stop, reason);
            Assert.True(SchemaValidator.IsValid(Person, text[end..]), text);
        }
    }

    [Fact]
    public async Task PreambleThatIsNotBegun_IsAChoiceOfTheModel()
    {
        using LanguageModel model = LoadStories(s_plain);
        int open = model.Tokenizer.Encode(",", addSpecial: false, parseSpecial: false)[^1];
        GenerationRequest request = Request(model, GenerationConstraint.FromRegex("\\{x\\}")) with { Preamble = new ConstraintPreamble(model.Tokenizer.TokenText(open), "girl") };

        (string begun, _, _) = await RunAsync(model, request);
        (string not, _, _) = await RunAsync(model, request with
        {
            Sampling = request.Sampling with { LogitBias = new Dictionary<int, float> { [open] = float.NegativeInfinity } },
        });

        Assert.Equal("{x}", not);
        Assert.StartsWith(",", begun, StringComparison.Ordinal);
        Assert.Equal("{x}", begun[(begun.IndexOf("girl", StringComparison.Ordinal) + "girl".Length)..].Trim());
    }

    [Fact]
    public async Task LogProbabilities_AreOfTheModelsOwnDistribution()
    {
        using LanguageModel model = LoadStories(s_plain);
        GenerationRequest request = Request(model, GenerationConstraint.FromRegex("[0-9]{3}")) with { TopLogProbabilities = 2, MaxTokens = 1 };

        List<GenerationEvent> events = await Traces.EventsAsync(model, request);
        List<GenerationEvent> free = await Traces.EventsAsync(model, request with { Constraint = null });

        TokenProbability constrained = events.OfType<TextDelta>().Single().LogProbabilities[0];
        TokenProbability unconstrained = free.OfType<TextDelta>().Single().LogProbabilities[0];
        Assert.Equal(unconstrained.Top.Select(top => (top.Token, top.LogProbability)), constrained.Top.Select(top => (top.Token, top.LogProbability)));
        Assert.True(constrained.LogProbability < constrained.Top[0].LogProbability);
    }

    [Fact]
    public async Task BiasAgainstEverythingAllowed_FailsThatRequestOnly()
    {
        using LanguageModel model = LoadStories(s_plain);
        GenerationRequest request = Request(model, GenerationConstraint.FromRegex("[01]x"));
        Dictionary<int, float> bias = Enumerable.Range(0, model.Tokenizer.VocabularySize).ToDictionary(token => token, _ => float.NegativeInfinity);

        await Assert.ThrowsAsync<InvalidLogitsException>(() => RunAsync(model, request with { Sampling = request.Sampling with { LogitBias = bias } }));

        Assert.Equal(FinishReason.Stop, (await RunAsync(model, request)).Reason);
    }

    private static LanguageModel LoadStories(SpeculationOptions speculation) =>
        LanguageModel.Load(Traces.Stories, new LanguageModelOptions { Threads = 2, Parallel = 8, ContextLength = 512, Speculation = speculation });

    private static GenerationRequest Request(LanguageModel model, GenerationConstraint constraint) => new()
    {
        Prompt = model.Tokenizer.Encode("Once upon a time", addSpecial: true, parseSpecial: false),
        MaxTokens = 300,
        Sampling = new SamplingOptions { Temperature = 0 },
        Constraint = constraint,
    };

    private static GenerationRequest[] Requests(LanguageModel model)
    {
        GenerationConstraint person = GenerationConstraint.FromJsonSchema(Person);
        return
        [
            .. Enumerable.Range(0, 12).Select(i => Request(model, person) with
            {
                Sampling = i % 3 == 0 ? new SamplingOptions { Temperature = 0, RepeatPenalty = i == 0 ? 1 : 1.2f } : new SamplingOptions { Temperature = 1.2f, Seed = (uint)i },
            }),
        ];
    }

    private static async Task<string[]> AllAsync(LanguageModel model, GenerationRequest[] requests, bool together)
    {
        if (together)
        {
            return [.. (await Task.WhenAll(requests.Select(request => RunAsync(model, request)))).Select(run => $"{run}")];
        }

        List<string> texts = [];
        foreach (GenerationRequest request in requests)
        {
            texts.Add($"{await RunAsync(model, request)}");
        }

        return [.. texts];
    }

    private static async Task<Run> RunAsync(LanguageModel model, GenerationRequest request)
    {
        List<GenerationEvent> events = await Traces.EventsAsync(model, request);
        GenerationFinished finished = Assert.IsType<GenerationFinished>(events[^1]);
        return new Run(string.Concat(events.OfType<TextDelta>().Select(delta => delta.Text)), finished.Reason, finished.Usage);
    }

    private sealed record Run(string Text, FinishReason Reason, GenerationUsage Usage)
    {
        // What is the same at any load.
        public override string ToString() => $"{Usage.CompletionTokens} {Reason} {Text}";
    }
}
