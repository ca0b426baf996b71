using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;

namespace Hearth.Engine.Tests.Scheduling;

/// <summary>Log-probabilities of prompts are those of the same tokens as they were made, bit for bit.</summary>
public sealed class PromptScoreTests
{
    [Theory]
    [InlineData(20, 100)]
    [InlineData(300, 150)]
    public async Task Scores_AreThoseOfTheTokensAsTheyWereMade(int promptLength, int answer)
    {
        using LanguageModel model = Load();
        await CheckAsync(model, promptLength, answer);
    }

    [Theory]
    [InlineData("mamba")]
    [InlineData("llama")]
    public async Task Scores_OfOtherModels_AreExactToo(string name)
    {
        string path = Traces.Write(name);
        try
        {
            using LanguageModel model = LanguageModel.Load(path, new LanguageModelOptions { Threads = 2, ContextLength = 512 });
            await CheckAsync(model, promptLength: 70, answer: 60);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Scores_DoNotDependOnWhatElseRuns()
    {
        using LanguageModel model = Load();
        GenerationRequest request = Scored(Traces.Tokens(200, 3)) with { MaxTokens = 5, Sampling = new SamplingOptions { Temperature = 0 } };
        string alone = Scores(await Traces.EventsAsync(model, request));

        List<GenerationEvent>[] together = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(i => Traces.EventsAsync(model, i % 2 == 0 ? request : request with { PromptLogProbabilities = null })));

        Assert.Equal([alone, alone, alone], together.Select(Scores).Where(scores => scores.Length > 0));
        Assert.Equal(199, alone.Split(' ').Length);
        Assert.All(together, events => Assert.Equal(5, Traces.Usage(events).CompletionTokens));
    }

    [Fact]
    public async Task Alternatives_AreReported()
    {
        using LanguageModel model = Load();

        List<GenerationEvent> events = await Traces.EventsAsync(model, Scored(Traces.Tokens(100, 1)) with { PromptLogProbabilities = 3 });

        Assert.All(Tokens(events), token =>
        {
            Assert.Equal(3, token.Top.Count);
            Assert.True(token.Top[0].LogProbability >= token.LogProbability);
        });
    }

    [Fact]
    public async Task PromptOfOneToken_HasNoScore()
    {
        using LanguageModel model = Load();

        List<GenerationEvent> events = await Traces.EventsAsync(model, Scored([5]));

        Assert.Empty(Tokens(events));
        Assert.Equal((1, 0), (Traces.Usage(events).PromptTokens, Traces.Usage(events).CompletionTokens));
    }

    [Fact]
    public async Task Nothing_IsMadeWhereNothingIsAskedFor()
    {
        using LanguageModel model = Load();

        List<GenerationEvent> events = await Traces.EventsAsync(model, new GenerationRequest { Prompt = Traces.Tokens(40, 1), MaxTokens = 0 });

        GenerationFinished finished = Assert.IsType<GenerationFinished>(events[^1]);
        Assert.Equal((FinishReason.Length, 40, 0), (finished.Reason, finished.Usage.PromptTokens, finished.Usage.CompletionTokens));
        Assert.True(finished.Timings.Completion >= TimeSpan.Zero && finished.Timings.Prompt > TimeSpan.Zero);
    }

    private static async Task CheckAsync(LanguageModel model, int promptLength, int answer)
    {
        int[] prompt = Traces.Tokens(promptLength, 1);
        SamplingOptions sampling = new() { Temperature = 1, Seed = 5, IgnoreEndOfGeneration = true };
        GenerationRequest request = new() { Prompt = prompt, MaxTokens = answer, Sampling = sampling, TopLogProbabilities = 0, ShowSpecialTokens = true };
        List<GenerationEvent> made = await Traces.EventsAsync(model, request);
        int[] tokens = [.. made.OfType<TextDelta>().SelectMany(delta => delta.LogProbabilities).Select(token => token.Token)];

        // What was made is in the cache now, without logits.
        List<GenerationEvent> scored = await Traces.EventsAsync(model, Scored([.. prompt, .. tokens]));

        Assert.Equal(promptLength + tokens.Length - 1, Tokens(scored).Count);
        Assert.Equal(Traces.Trace(made), string.Join(' ', Tokens(scored).Skip(promptLength - 1).Select(Bits)));
        Assert.Equal((0, 0), (Traces.Usage(scored).CompletionTokens, Traces.Usage(scored).CachedTokens));
    }

    private static LanguageModel Load() => LanguageModel.Load(Traces.Stories, new LanguageModelOptions { Threads = 2, ContextLength = 512 });

    private static GenerationRequest Scored(IReadOnlyList<int> prompt) => new() { Prompt = prompt, MaxTokens = 0, PromptLogProbabilities = 0 };

    private static List<TokenProbability> Tokens(IEnumerable<GenerationEvent> events) => [.. events.OfType<PromptScored>().SelectMany(scored => scored.Tokens)];

    private static string Scores(IEnumerable<GenerationEvent> events) => string.Join(' ', Tokens(events).Select(Bits));

    private static string Bits(TokenProbability token) => $"{token.Token}:{BitConverter.SingleToUInt32Bits(token.LogProbability):x8}";
}
