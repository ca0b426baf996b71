using System.Diagnostics;
using Hearth.Benchmarks.Load;

namespace Hearth.EndToEnd.Tests.Load;

public sealed class LoadRunTests
{
    private static readonly LoadPlan s_plan = new()
    {
        Streams = 1,
        Requests = 1,
        Prompt = LengthDistribution.Parse("20"),
        Answer = LengthDistribution.Parse("5"),
        Seed = 3,
    };

    [Fact]
    public async Task Answer_GivesTimesAndTokens()
    {
        await using FakeServer server = new(reply => reply.AnswerAsync(firstTokenMilliseconds: 80, tokenMilliseconds: 30));

        LoadRecord record = await RunAsync(server, s_plan);

        RequestResult result = Assert.Single(record.Results);
        Assert.True(result.IsCompleted);
        Assert.Equal((20, 10, 5, 5), (result.PromptTokens, result.CachedTokens, result.AnswerTokens, result.Texts.Count));
        Assert.InRange(result.FirstTokenMilliseconds!.Value, 75, 5000);
        Assert.All(result.Gaps, gap => Assert.InRange(gap, 0, 5000));
        Assert.InRange(result.Gaps.Sum(), 4 * 25, 20_000);
        RunFigures figures = LoadFigures.Of(record);
        Assert.Equal(5 / record.Elapsed.TotalSeconds, figures.Find("output_tokens_per_second"));
        Assert.Equal(result.Gaps.Sum() / 4, figures.Find("per_token_ms")!.Value, 1e-3);
        Assert.Equal(result.Gaps.Max(), figures.Find("inter_token_ms_max"));
        Assert.Equal((10, 0, 0), ((int)figures.Find("cached_tokens")!, (int)figures.Find("errors")!, (int)figures.Find("wrong_length")!));
    }

    [Fact]
    public async Task EventWithSeveralTokens_CountsThemInTheMeanAlone()
    {
        await using FakeServer server = new(async reply =>
        {
            await reply.StartAsync();
            await reply.TextAsync();
            await reply.WaitAsync(60);
            await reply.TextAsync("four words in one");
            await reply.EndAsync(20, 5, 0);
        });

        LoadRecord record = await RunAsync(server, s_plan);

        double gap = Assert.Single(record.Results.Single().Gaps);
        RunFigures figures = LoadFigures.Of(record);
        Assert.Equal(gap, figures.Find("inter_token_ms_p50"));
        Assert.Equal(gap / 4, figures.Find("per_token_ms")!.Value, 1e-3);
        Assert.Equal(2.5, figures.Find("tokens_per_event"));
    }

    [Fact]
    public async Task ClosedLoop_KeepsItsStreamsFull()
    {
        await using FakeServer server = new(reply => reply.AnswerAsync(firstTokenMilliseconds: 20));

        LoadRecord record = await RunAsync(server, s_plan with { Streams = 4, Requests = 22 });

        Assert.Equal((22, 22), (record.Results.Count(result => result.IsCompleted), server.Bodies.Distinct().Count()));
        Assert.Equal(4, server.MostInFlight);
    }

    [Fact]
    public async Task Duration_EndsTheSendingButNotTheAnswers()
    {
        await using FakeServer server = new(reply => reply.AnswerAsync(firstTokenMilliseconds: 200));

        LoadRecord record = await RunAsync(server, s_plan with { Requests = null, Duration = TimeSpan.FromMilliseconds(300), Streams = 2 });

        Assert.InRange(record.Results.Count, 2, 4);
        Assert.All(record.Results, result => Assert.True(result.IsCompleted));
    }

    [Fact]
    public async Task OpenLoop_DoesNotWaitForAnswersAndCountsFromThePlannedArrival()
    {
        using SemaphoreSlim all = new(0);
        int arrived = 0;
        await using FakeServer server = new(async reply =>
        {
            // No answer before all have arrived: a closed loop of fewer streams would never end.
            if (Interlocked.Increment(ref arrived) == 30)
            {
                all.Release(30);
            }

            await all.WaitAsync(TestContext.Current.CancellationToken);
            await reply.AnswerAsync();
        });

        LoadRecord record = await RunAsync(server, s_plan with { Rate = 100, Requests = 30 });

        Assert.Equal(30, record.Results.Count(result => result.IsCompleted));
        Assert.Equal(30, server.MostInFlight);
        double[] starts = [.. record.Results.Select(result => RequestResult.Milliseconds(record.Results[0].Started, result.Started))];
        SeededRandom random = new(s_plan.Seed, 0, -1);
        Assert.Equal(random.NextExponential(100) * 1000, starts[1], 1e-3);
        Assert.Equal(starts.Order(), starts);
    }

    [Theory]
    [InlineData(nameof(FailureKind.Refused), "503 busy")]
    [InlineData(nameof(FailureKind.Status), "404 no such model")]
    [InlineData(nameof(FailureKind.BrokenEvent), "no JSON: hello")]
    [InlineData(nameof(FailureKind.ErrorEvent), "out of memory")]
    [InlineData(nameof(FailureKind.EndedEarly), "after 1 events with text")]
    [InlineData(nameof(FailureKind.LostConnection), "")]
    [InlineData(nameof(FailureKind.NoConnection), "")]
    [InlineData(nameof(FailureKind.TimeLimit), "more than 0.5 s")]
    public async Task Failure_HasItsKind(string name, string message)
    {
        FailureKind kind = Enum.Parse<FailureKind>(name);
        await using FakeServer server = new(reply => FailAsync(reply, kind));

        LoadRecord record = await RunAsync(server, s_plan with { Requests = 2 }, timeLimit: 0.5);

        Assert.All(record.Results, result => Assert.Equal(kind, result.Failure?.Kind));
        FailureCount count = Assert.Single(LoadFigures.Of(record).Failures);
        Assert.Equal((kind, 2), (count.Kind, count.Count));
        Assert.Contains(message, count.Example, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_IsCountedAndItsWaitKept()
    {
        await using FakeServer server = new(reply => reply.StatusAsync("503 Service Unavailable", "busy", "Retry-After: 1\r\n"));

        LoadRecord record = await RunAsync(server, s_plan with { Requests = 2 });

        FailureCount count = Assert.Single(LoadFigures.Of(record).Failures);
        Assert.Equal((FailureKind.Refused, 2, 2, "503 busy"), (count.Kind, count.Count, count.RetryAfter, count.Example));
        Assert.InRange(record.Elapsed.TotalSeconds, 2, 20);
    }

    [Fact]
    public async Task NoServer_IsNoConnection()
    {
        using LoadClient client = new("server", new Uri("http://127.0.0.1:1/"), CompletionApi.Completions, TimeSpan.FromSeconds(5));

        LoadRecord record = await new LoadRun(client, new RequestSource(s_plan), 0).RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(FailureKind.NoConnection, record.Results.Single().Failure?.Kind);
        await Assert.ThrowsAsync<LoadException>(() => client.FindModelAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task HangingUp_IsNoFailure()
    {
        await using FakeServer server = new(reply => reply.AnswerAsync(firstTokenMilliseconds: 10, tokenMilliseconds: 5));

        LoadRecord record = await RunAsync(
            server, s_plan with { HangsUp = true, Requests = 90, Streams = 8, Answer = LengthDistribution.Parse("8") });

        RequestResult[] left = [.. record.Results.Where(result => result.HungUp)];
        Assert.Empty(LoadFigures.Of(record).Failures);
        Assert.Equal((30, 60), (left.Length, record.Results.Count(result => result.IsCompleted)));
        Assert.Contains(left, result => result.Texts.Count == 0);
        Assert.Contains(left, result => result.Texts.Count > 1);
        Assert.All(left, result => Assert.True(result.Texts.Count < 8));
    }

    [Fact]
    public async Task Arrival_ComesWhenAllStream()
    {
        await using FakeServer server = new(reply => reply.AnswerAsync(
            firstTokenMilliseconds: reply.Request["prompt"]!.AsArray().Count == 20 ? 200 : 10, tokenMilliseconds: 5));
        LoadPlan running = s_plan with { Streams = 3, Prompt = LengthDistribution.Parse("4"), Answer = LengthDistribution.Parse("10000") };
        using LoadClient client = Client(server, 60);

        RunFigures figures = await new ArrivalScenario(client, new RequestSource(running), new RequestSource(s_plan))
            .RunAsync(0, TestContext.Current.CancellationToken);

        Assert.Equal((4, 4), (server.Bodies.Count, server.MostInFlight));
        Assert.Contains("\"max_tokens\":5,", server.Bodies.Last(), StringComparison.Ordinal);
        Assert.Empty(figures.Failures);
        Assert.Null(figures.Note);
        Assert.Equal((0, 20), ((int)figures.Find("ended_before")!, (int)figures.Find("prompt_tokens")!));
        Assert.InRange(figures.Find("first_token_ms")!.Value, 195, 5000);
        Assert.InRange(figures.Find("until_first_ms_p50")!.Value, 0, figures.Find("whole_ms_max")!.Value);
        Assert.True(figures.Find("before_ms_max") > 0);
    }

    [Fact]
    public async Task Arrival_TellsOfStreamsThatEnded()
    {
        await using FakeServer server = new(reply => reply.AnswerAsync(firstTokenMilliseconds: reply.WantedTokens == 5 ? 200 : 0));
        using LoadClient client = Client(server, 60);

        RunFigures figures = await new ArrivalScenario(
            client, new RequestSource(s_plan with { Streams = 2, Answer = LengthDistribution.Parse("17") }), new RequestSource(s_plan))
            .RunAsync(0, TestContext.Current.CancellationToken);

        Assert.StartsWith("2 of the streams ended", figures.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_IsRead()
    {
        MemorySampler sampler = new(Environment.ProcessId, TimeSpan.FromMilliseconds(10));
        await Task.Delay(100, TestContext.Current.CancellationToken);
        await sampler.DisposeAsync();

        Assert.True(sampler.Samples.Count >= 3);
        Assert.All(sampler.Samples, bytes => Assert.InRange(bytes, 1 << 20, long.MaxValue));
        Assert.Throws<LoadException>(() => new MemorySampler(int.MaxValue, TimeSpan.FromSeconds(1)));
    }

    private static async Task FailAsync(FakeReply reply, FailureKind kind)
    {
        switch (kind)
        {
            case FailureKind.Refused:
                await reply.StatusAsync("503 Service Unavailable", "busy");
                return;
            case FailureKind.Status:
                await reply.StatusAsync("404 Not Found", "no such\nmodel");
                return;
            case FailureKind.NoConnection:
                return;
            case FailureKind.LostConnection:
                await reply.StartAsync("Transfer-Encoding: chunked\r\n");
                await reply.WriteAsync("5\r\ndata:\r\n");
                return;
        }

        await reply.StartAsync();
        await reply.TextAsync();
        await (kind switch
        {
            FailureKind.BrokenEvent => reply.EventAsync("hello"),
            FailureKind.ErrorEvent => reply.EventAsync("""{"error": {"message": "out of memory"}}"""),
            FailureKind.TimeLimit => EndlessAsync(reply),
            _ => Task.CompletedTask,
        });
    }

    private static async Task EndlessAsync(FakeReply reply)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (watch.Elapsed.TotalSeconds < 30)
        {
            await reply.TextAsync();
            await reply.WaitAsync(10);
        }
    }

    private static LoadClient Client(FakeServer server, double timeLimit) =>
        new("server", server.Address, CompletionApi.Completions, TimeSpan.FromSeconds(timeLimit));

    private static async Task<LoadRecord> RunAsync(FakeServer server, LoadPlan plan, double timeLimit = 60)
    {
        using LoadClient client = Client(server, timeLimit);
        return await new LoadRun(client, new RequestSource(plan), 0).RunAsync(TestContext.Current.CancellationToken);
    }
}
