using System.Text;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Scheduling;

public sealed class LanguageModelTests
{
    private static readonly SamplingOptions s_greedy = new() { Temperature = 0 };

    [Fact]
    public async Task Stories_ContinuesLikeTheReference()
    {
        using LanguageModel model = LoadStories();

        string text = await CompleteAsync(model, "Once upon a time", new GenerationRequest { Prompt = [], MaxTokens = 200, Sampling = s_greedy });

        string expected = await File.ReadAllTextAsync(Golden.Path("stories", "once.txt"), TestContext.Current.CancellationToken);
        Assert.Equal(expected.Trim(), ("Once upon a time" + text).Trim());
    }

    [Fact]
    public async Task SameSeed_SameText()
    {
        using LanguageModel model = LoadStories();
        GenerationRequest request = new() { Prompt = [], MaxTokens = 40, Sampling = new SamplingOptions { Seed = 42, Temperature = 1.5f } };

        string first = await CompleteAsync(model, "Lily", request);

        Assert.Equal(first, await CompleteAsync(model, "Lily", request));
        Assert.NotEqual(first, await CompleteAsync(model, "Lily", request with { Sampling = request.Sampling with { Seed = 43 } }));
    }

    [Fact]
    public async Task ParallelRequests_EachGetTheirOwnAnswer()
    {
        using LanguageModel model = LoadStories();
        GenerationRequest request = new() { Prompt = [], MaxTokens = 20, Sampling = s_greedy };
        string alone = await CompleteAsync(model, "Once", request);

        string[] together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CompleteAsync(model, "Once", request)));

        Assert.All(together, text => Assert.Equal(alone, text));
    }

    [Fact]
    public async Task StopText_EndsTheAnswerAndIsNotPartOfIt()
    {
        using LanguageModel model = LoadStories();
        List<GenerationEvent> events = await RunAsync(model, "Once upon a time", new GenerationRequest { Prompt = [], MaxTokens = 100, Sampling = s_greedy, Stop = ["Lily", "zzz"] });

        GenerationFinished finished = Assert.IsType<GenerationFinished>(events[^1]);
        Assert.Equal((FinishReason.Stop, "Lily"), (finished.Reason, finished.StopText));
        Assert.Equal(", there was a little girl named ", string.Concat(events.OfType<TextDelta>().Select(delta => delta.Text)));
    }

    [Fact]
    public async Task TokenLimit_EndsTheAnswer()
    {
        using LanguageModel model = LoadStories();

        List<GenerationEvent> events = await RunAsync(model, "Once", new GenerationRequest { Prompt = [], MaxTokens = 7, Sampling = s_greedy });

        GenerationFinished finished = Assert.IsType<GenerationFinished>(events[^1]);
        Assert.Equal((FinishReason.Length, 7), (finished.Reason, finished.Usage.CompletionTokens));
    }

    [Fact]
    public async Task EndOfContext_EndsTheAnswer()
    {
        using LanguageModel model = LoadStories(contextLength: 32);

        List<GenerationEvent> events = await RunAsync(model, "Once", new GenerationRequest { Prompt = [], Sampling = s_greedy with { IgnoreEndOfGeneration = true } });

        GenerationFinished finished = Assert.IsType<GenerationFinished>(events[^1]);
        Assert.Equal((FinishReason.Length, 32), (finished.Reason, finished.Usage.PromptTokens + finished.Usage.CompletionTokens));
    }

    [Fact]
    public void PromptThatDoesNotFit_IsRefusedWithTheNumbers()
    {
        using LanguageModel model = LoadStories(contextLength: 16);

        ContextLengthException exception = Assert.Throws<ContextLengthException>(() => model.Check(new GenerationRequest { Prompt = new int[16] }));

        Assert.Equal((16, 16), (exception.PromptTokens, exception.ContextLength));
    }

    [Fact]
    public async Task Cancellation_EndsTheWorkAndTheModelGoesOn()
    {
        using LanguageModel model = LoadStories();
        using CancellationTokenSource cancellation = new();
        IReadOnlyList<int> prompt = model.Tokenizer.Encode("Once", addSpecial: true, parseSpecial: false);
        GenerationRequest endless = new() { Prompt = prompt, Sampling = s_greedy with { IgnoreEndOfGeneration = true } };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (GenerationEvent generated in model.GenerateAsync(endless, cancellation.Token))
            {
                if (generated is TextDelta)
                {
                    await cancellation.CancelAsync();
                }
            }
        });

        Assert.NotEmpty(await CompleteAsync(model, "Once", new GenerationRequest { Prompt = [], MaxTokens = 5, Sampling = s_greedy }));
    }

    [Fact]
    public async Task LogProbabilities_AreOfTheModelsOwnDistribution()
    {
        using LanguageModel model = LoadStories();
        GenerationRequest request = new() { Prompt = [], MaxTokens = 12, Sampling = s_greedy, TopLogProbabilities = 3 };

        List<GenerationEvent> events = await RunAsync(model, "Once upon a time", request);

        TokenProbability[] tokens = [.. events.OfType<TextDelta>().SelectMany(delta => delta.LogProbabilities)];
        string text = string.Concat(events.OfType<TextDelta>().Select(delta => delta.Text));
        Assert.Equal(12, tokens.Length);
        Assert.Equal(text, Encoding.UTF8.GetString([.. tokens.SelectMany(token => token.Bytes.ToArray())]));
        Assert.All(tokens, token =>
        {
            Assert.Equal(3, token.Top.Count);
            Assert.Equal((token.Token, token.LogProbability), (token.Top[0].Token, token.Top[0].LogProbability));
            Assert.True(token.Top[0].LogProbability >= token.Top[1].LogProbability && token.Top[0].LogProbability <= 0);
        });
    }

    private static LanguageModel LoadStories(int? contextLength = null) =>
        LanguageModel.Load(Golden.Path("stories", "stories260K.gguf"), new LanguageModelOptions { ContextLength = contextLength });

    private static async Task<string> CompleteAsync(LanguageModel model, string prompt, GenerationRequest request) =>
        string.Concat((await RunAsync(model, prompt, request)).OfType<TextDelta>().Select(delta => delta.Text));

    private static async Task<List<GenerationEvent>> RunAsync(LanguageModel model, string prompt, GenerationRequest request)
    {
        GenerationRequest encoded = request with { Prompt = model.Tokenizer.Encode(prompt, addSpecial: true, parseSpecial: false) };
        return await model.GenerateAsync(encoded, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }
}
