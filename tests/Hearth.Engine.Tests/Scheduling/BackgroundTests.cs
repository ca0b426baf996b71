using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;

namespace Hearth.Engine.Tests.Scheduling;

/// <summary>Requests in the background: others go first, and the answers are the same.</summary>
public sealed class BackgroundTests
{
    private static readonly SamplingOptions s_greedy = new() { Temperature = 0, IgnoreEndOfGeneration = true };
    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhoComesLater_OvertakesWhatWaits()
    {
        using LanguageModel model = Load(parallel: 1);
        using StepGate gate = new(model);
        using Generation first = Submit(model, Request(1, answer: 2));
        await gate.ReachedAsync();
        Generation[] lines = [.. Enumerable.Range(2, 4).Select(seed => Submit(model, Request(seed, answer: 2) with { IsBackground = true }))];
        using Generation late = Submit(model, Request(9, answer: 2));
        Task<bool>[] background = [.. lines.Select(FinishedAsync)];

        // Two steps of the first, then two of the late one; the lines have not begun.
        await gate.PassAsync(steps: 4);

        Assert.True(await FinishedAsync(late));
        Assert.All(background, end => Assert.False(end.IsCompleted));
        gate.Open();
        Assert.All(await Task.WhenAll(background), Assert.True);
    }

    [Fact]
    public async Task WhatRuns_GivesItsPlaceUp_AndAnswersTheSame()
    {
        using LanguageModel model = Load(parallel: 2);
        GenerationRequest[] requests = [.. Enumerable.Range(1, 2).Select(seed => Request(seed, answer: 40) with { IsBackground = true })];
        string[] alone = await Traces.OneByOneAsync(model, requests);
        long before = model.Statistics.Preemptions;
        using StepGate gate = new(model);
        Task<string>[] lines = [.. requests.Select(request => Traces.RunAsync(model, request))];
        await gate.ReachedAsync();
        await gate.PassAsync(steps: 5);

        using Generation urgent = Submit(model, Request(7, answer: 2));
        await gate.PassAsync(steps: 3);

        Assert.True(await FinishedAsync(urgent));
        Assert.All(lines, line => Assert.False(line.IsCompleted));
        gate.Open();
        Assert.Equal(alone, await Task.WhenAll(lines));
        Assert.Equal(1, model.Statistics.Preemptions - before);
    }

    [Fact]
    public async Task Background_KeepsNobodyOut()
    {
        using LanguageModel model = Load(parallel: 1, maxWaiting: 0);
        using StepGate gate = new(model);
        using Generation line = Submit(model, Request(1, answer: 20) with { IsBackground = true });
        await gate.ReachedAsync();

        using Generation urgent = Submit(model, Request(2, answer: 2));

        Assert.Throws<QueueFullException>(() => Submit(model, Request(3, answer: 2)));
        Assert.Throws<QueueFullException>(() => Submit(model, Request(3, answer: 2) with { IsBackground = true }));
        gate.Open();
        Assert.True(await FinishedAsync(urgent));
        Assert.True(await FinishedAsync(line));
    }

    [Fact]
    public async Task Prompts_OfOthersAreReadFirst()
    {
        using LanguageModel model = Load(parallel: 4, contextLength: 4096);
        using StepGate gate = new(model);
        using Generation book = Submit(model, Request(1, answer: 1, prompt: 3000) with { IsBackground = true });
        using Generation page = Submit(model, Request(2, answer: 1, prompt: 40) with { IsBackground = true });
        await gate.ReachedAsync();
        using Generation urgent = Submit(model, Request(3, answer: 1, prompt: 1500));

        // The step that was planned, and those of the urgent prompt.
        await gate.PassAsync(steps: 4);

        Assert.True(await FinishedAsync(urgent));
        Assert.DoesNotContain(Peek(book), generated => generated is TextDelta);
        gate.Open();
        Assert.True(await FinishedAsync(book));
        Assert.True(await FinishedAsync(page));
    }

    private static LanguageModel Load(int parallel, int maxWaiting = 64, int contextLength = 512) => LanguageModel.Load(Traces.Stories, new LanguageModelOptions
    {
        Threads = 2,
        Parallel = parallel,
        MaxWaiting = maxWaiting,
        ContextLength = contextLength,
        Speculation = new SpeculationOptions { PromptLookup = false },
    });

    private static GenerationRequest Request(int seed, int answer, int prompt = 20) =>
        new() { Prompt = Traces.Tokens(prompt, seed), MaxTokens = answer, Sampling = s_greedy, TopLogProbabilities = 0 };

    private static Generation Submit(LanguageModel model, GenerationRequest request) => model.Submit([request], s_cancel)[0];

    private static List<GenerationEvent> Peek(Generation generation)
    {
        List<GenerationEvent> events = [];
        while (generation.Events.TryRead(out GenerationEvent? generated))
        {
            events.Add(generated);
        }

        return events;
    }

    private static async Task<bool> FinishedAsync(Generation generation) =>
        (await generation.Events.ReadAllAsync(s_cancel).ToListAsync(s_cancel))[^1] is GenerationFinished;
}
