using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Scheduling;

public sealed class SchedulerTests
{
    private static readonly SamplingOptions s_greedy = new() { Temperature = 0, IgnoreEndOfGeneration = true };
    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task LongPrompt_LetsStreamsGoOn()
    {
        using LanguageModel model = Load(contextLength: 4096);
        using Generation stream = Submit(model, Request(5, seed: 1, answer: 4000));
        await FirstTokenAsync(stream);
        Drain(stream);
        using Generation late = Submit(model, Request(2000, seed: 2, answer: 1));

        await FirstTokenAsync(late);

        // 2,000 tokens take four steps at least, each with a token of the stream.
        Assert.True(Drain(stream) >= 3);
    }

    [Fact]
    public async Task ShortPrompt_PassesALongOne()
    {
        using LanguageModel model = Load(contextLength: 4096);
        using StepGate gate = new(model);
        using Generation book = Submit(model, Request(3000, seed: 1, answer: 1));
        await gate.ReachedAsync();
        using Generation question = Submit(model, Request(40, seed: 2, answer: 1));

        await gate.PassAsync(steps: 2);

        Assert.Contains(await EventsAsync(question), generated => generated is GenerationFinished);
        Assert.DoesNotContain(Peek(book), generated => generated is TextDelta);
        gate.Open();
        Assert.Contains(await EventsAsync(book), generated => generated is GenerationFinished);
    }

    [Fact]
    public async Task ChoicesOfOnePrompt_ReadItOnce()
    {
        using LanguageModel model = Load(contextLength: 1024);
        int computed = 0;
        model.Scheduler.BeforeStep = tokens => computed += tokens;
        GenerationRequest request = Request(500, seed: 1, answer: 2);

        IReadOnlyList<Generation> choices = model.Submit([request, request, request, request], s_cancel);
        int[] cached = await Task.WhenAll(choices.Select(async choice => Traces.Usage(await EventsAsync(choice)).CachedTokens));

        // The prompt, its last part for each of the others, and one more token of each answer.
        Assert.Equal([0, 480, 480, 480], cached.Order());
        Assert.Equal(500 + (3 * 20) + 4, computed);
    }

    [Fact]
    public async Task NextTurn_ReadsOnlyWhatIsNew()
    {
        using LanguageModel model = Load(contextLength: 1024);
        int[] prompt = Traces.Tokens(150, 1);
        List<GenerationEvent> first = await Traces.EventsAsync(model, Request(prompt, answer: 50) with { TopLogProbabilities = 0 });
        int[] answer = [.. first.OfType<TextDelta>().SelectMany(delta => delta.LogProbabilities).Select(token => token.Token)];

        List<GenerationEvent> next = await Traces.EventsAsync(model, Request([.. prompt, .. answer, .. Traces.Tokens(30, 2)], answer: 1));

        // 199 tokens are stored, in six full blocks.
        Assert.Equal((0, 192), (Traces.Usage(first).CachedTokens, Traces.Usage(next).CachedTokens));
    }

    [Fact]
    public async Task FullQueue_RefusesWithATimeToTryAgain()
    {
        using LanguageModel model = Load(parallel: 1, maxWaiting: 2);
        using StepGate gate = new(model);
        Generation[] taken = [.. Enumerable.Range(0, 3).Select(i => Submit(model, Request(5, i, answer: 2)))];
        await gate.ReachedAsync();

        QueueFullException exception = Assert.Throws<QueueFullException>(() => Submit(model, Request(5, 3, answer: 2)));
        Assert.Throws<QueueFullException>(() => model.Submit([Request(5, 3, answer: 2), Request(5, 4, answer: 2)], s_cancel));

        Assert.Equal(2, exception.Waiting);
        Assert.InRange(exception.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        gate.Open();
        Assert.All(await Task.WhenAll(taken.Select(EventsAsync)), events => Assert.IsType<GenerationFinished>(events[^1]));
        Assert.NotEmpty(await Traces.EventsAsync(model, Request(5, 3, answer: 2)));
    }

    [Fact]
    public async Task WhoLeavesTheQueue_FreesAPlace()
    {
        using LanguageModel model = Load(parallel: 1, maxWaiting: 1);
        using StepGate gate = new(model);
        using Generation running = Submit(model, Request(5, 1, answer: 4));
        using CancellationTokenSource leaving = new();
        Generation waiting = model.Submit([Request(5, 2, answer: 4)], leaving.Token)[0];
        await gate.ReachedAsync();
        await leaving.CancelAsync();
        await gate.PassAsync(steps: 1);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EventsAsync(waiting));
        using Generation next = Submit(model, Request(5, 3, answer: 4));
        gate.Open();
        Assert.IsType<GenerationFinished>((await EventsAsync(next))[^1]);
    }

    [Theory]
    [InlineData(1)] // while it waits
    [InlineData(2)] // while it runs
    public async Task TimeLimit_EndsTheRequest(int parallel)
    {
        using LanguageModel model = Load(parallel: parallel);
        using StepGate gate = new(model);
        using Generation other = Submit(model, Request(5, 1, answer: 3));
        using Generation late = Submit(model, Request(5, 2, answer: 3) with { TimeLimit = TimeSpan.FromMilliseconds(20) });
        await gate.ReachedAsync();
        await Task.Delay(60, s_cancel);
        gate.Open();

        TimeLimitException exception = await Assert.ThrowsAsync<TimeLimitException>(() => EventsAsync(late));
        Assert.Equal(TimeSpan.FromMilliseconds(20), exception.Limit);
        Assert.IsType<GenerationFinished>((await EventsAsync(other))[^1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FailedStep_EndsItsRequestsAndTheModelGoesOn(bool outOfMemory)
    {
        using LanguageModel model = Load(parallel: 2);
        int steps = 0;
        model.Scheduler.BeforeStep = _ =>
        {
            if (++steps == 4)
            {
                throw outOfMemory ? new InsufficientMemoryException() : new InvalidOperationException("broken on purpose");
            }
        };
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => Request(40, i, answer: 8))];
        IReadOnlyList<Generation> generations = model.Submit(requests, s_cancel);

        foreach (Generation failed in generations.Take(2))
        {
            StepFailedException exception = await Assert.ThrowsAsync<StepFailedException>(() => EventsAsync(failed));
            Assert.Equal(outOfMemory, exception.IsOutOfMemory);
        }

        foreach (Generation whole in generations.Skip(2))
        {
            Assert.IsType<GenerationFinished>((await EventsAsync(whole))[^1]);
        }

        string[] again = await Traces.TogetherAsync(model, requests.Select(request => request with { TopLogProbabilities = 0 }));
        using LanguageModel other = Load(parallel: 1);
        Assert.Equal(await Traces.OneByOneAsync(other, requests.Select(request => request with { TopLogProbabilities = 0 })), again);
        Assert.Equal((1, 0, 0), (model.Statistics.FailedSteps, model.Statistics.UsedBlocks, model.Statistics.Running));
    }

    [Fact]
    public async Task SequenceThatCannotGoOn_EndsAlone()
    {
        using LanguageModel model = Load();
        Dictionary<int, float> nothing = Enumerable.Range(0, model.Tokenizer.VocabularySize).ToDictionary(token => token, _ => float.NegativeInfinity);
        IReadOnlyList<Generation> generations = model.Submit(
            [Request(5, 1, answer: 6), Request(5, 2, answer: 6) with { Sampling = s_greedy with { LogitBias = nothing } }], s_cancel);

        await Assert.ThrowsAsync<InvalidLogitsException>(() => EventsAsync(generations[1]));
        Assert.IsType<GenerationFinished>((await EventsAsync(generations[0]))[^1]);
    }

    [Fact]
    public async Task Dispose_EndsWhatRunsAndWaits()
    {
        LanguageModel model = Load(parallel: 1);
        Generation[] generations = [.. Enumerable.Range(0, 3).Select(i => Submit(model, Request(5, i, answer: 400)))];
        await FirstTokenAsync(generations[0]);

        model.Dispose();

        Assert.All(await Task.WhenAll(generations.Select(generation => Record.ExceptionAsync(() => EventsAsync(generation)).AsTask())), exception => Assert.IsType<ObjectDisposedException>(exception));
        Assert.Throws<ObjectDisposedException>(() => Submit(model, Request(5, 1, answer: 1)));
    }

    [Fact]
    public async Task ManyThatLeave_LeaveNothingBehind()
    {
        using LanguageModel model = Load(parallel: 8, maxWaiting: 1000, contextLength: 256);
        Random random = new(5);
        int[] leaveAfter = [.. Enumerable.Range(0, 300).Select(i => i % 3 == 0 ? random.Next(12) : int.MaxValue)];
        Task<bool>[] clients = [.. leaveAfter.Select((after, i) => ReadAsync(Submit(model, Request(random.Next(1, 120), i % 9, answer: random.Next(1, 20))), after))];

        bool[] finished = await Task.WhenAll(clients);

        Assert.True(finished.Count(whole => whole) >= 200);
        await SettledAsync(model);
        Assert.Equal((0, 0, 0), (model.Statistics.Running, model.Statistics.Waiting, model.Statistics.UsedBlocks));
    }

    [Fact]
    public async Task Truncate_IsTheSameAsAShorterPrompt()
    {
        using LanguageModel model = Load(contextLength: 64);
        int[] prompt = Traces.Tokens(200, 1);

        List<GenerationEvent> cut = await Traces.EventsAsync(model, Request(prompt, answer: 10) with { Truncate = true, KeepTokens = 3, TopLogProbabilities = 0 });

        int[] expected = [.. prompt[..3], .. prompt[^51..]];
        Assert.Equal(54, Traces.Usage(cut).PromptTokens);
        Assert.Equal(await Traces.RunAsync(model, Request(expected, answer: 10) with { TopLogProbabilities = 0 }), Traces.Trace(cut));
        Assert.Throws<ContextLengthException>(() => Submit(model, Request(prompt, answer: 10)));
    }

    [Fact]
    public async Task ContextShift_GoesOnWithTheLaterHalf()
    {
        using LanguageModel model = Load(contextLength: 48);
        int[] prompt = Traces.Tokens(20, 1);
        string shifted = await Traces.RunAsync(model, Request(prompt, answer: 130) with { ContextShift = true, KeepTokens = 4, TopLogProbabilities = 0 });

        List<int> tokens = [.. prompt];
        List<string> expected = [];
        for (int i = 0; i < 130; i++)
        {
            if (tokens.Count == 48)
            {
                tokens.RemoveRange(4, 22);
            }

            string next = await Traces.RunAsync(model, Request([.. tokens], answer: 1) with { TopLogProbabilities = 0 });
            tokens.Add(int.Parse(next.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture));
            expected.Add(next);
        }

        Assert.Equal(string.Join(' ', expected), shifted);
    }

    [Fact]
    public void DraftModelOfAnotherVocabulary_IsRefused()
    {
        SpeculationOptions speculation = new() { DraftPath = Golden.Path("quantized", "llama-256-Q4_K_M.gguf") };

        Assert.Throws<DraftModelException>(() => LanguageModel.Load(Traces.Stories, new LanguageModelOptions { Speculation = speculation }));
    }

    [Fact]
    public void DraftModelForAStatefulModel_IsRefused()
    {
        string path = Traces.Write("mamba2");
        try
        {
            SpeculationOptions speculation = new() { DraftPath = Traces.Stories };
            Assert.Throws<DraftModelException>(() => LanguageModel.Load(path, new LanguageModelOptions { Speculation = speculation }));
            Assert.Throws<DraftModelException>(() => LanguageModel.Load(Traces.Stories, new LanguageModelOptions { Speculation = speculation with { DraftPath = path } }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static LanguageModel Load(int parallel = 4, int maxWaiting = 64, int contextLength = 512) => LanguageModel.Load(Traces.Stories, new LanguageModelOptions
    {
        Threads = 1,
        Parallel = parallel,
        MaxWaiting = maxWaiting,
        ContextLength = contextLength,
        Speculation = new SpeculationOptions { PromptLookup = false },
    });

    private static GenerationRequest Request(int prompt, int seed, int answer) => Request(Traces.Tokens(prompt, seed), answer);

    private static GenerationRequest Request(int[] prompt, int answer) => new() { Prompt = prompt, MaxTokens = answer, Sampling = s_greedy, ShowSpecialTokens = true };

    private static Generation Submit(LanguageModel model, GenerationRequest request) => model.Submit([request], s_cancel)[0];

    private static async Task<List<GenerationEvent>> EventsAsync(Generation generation) => await generation.Events.ReadAllAsync(s_cancel).ToListAsync(s_cancel);

    private static async Task FirstTokenAsync(Generation generation)
    {
        await foreach (GenerationEvent generated in generation.Events.ReadAllAsync(s_cancel))
        {
            if (generated is TextDelta)
            {
                return;
            }
        }
    }

    private static int Drain(Generation generation)
    {
        int deltas = 0;
        while (generation.Events.TryRead(out GenerationEvent? generated))
        {
            deltas += generated is TextDelta ? 1 : 0;
        }

        return deltas;
    }

    private static List<GenerationEvent> Peek(Generation generation)
    {
        List<GenerationEvent> events = [];
        while (generation.Events.TryRead(out GenerationEvent? generated))
        {
            events.Add(generated);
        }

        return events;
    }

    private static async Task<bool> ReadAsync(Generation generation, int leaveAfter)
    {
        using (generation)
        {
            int events = 0;
            await foreach (GenerationEvent generated in generation.Events.ReadAllAsync(s_cancel))
            {
                if (generated is GenerationFinished)
                {
                    return true;
                }

                if (++events > leaveAfter)
                {
                    return false;
                }
            }
        }

        return false;
    }

    private static async Task SettledAsync(LanguageModel model)
    {
        while (model.Statistics is { Running: > 0 } or { Waiting: > 0 })
        {
            await Task.Delay(5, s_cancel);
        }
    }
}
