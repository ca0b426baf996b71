using System.Text;
using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Hearth.Server.Observability;
using Hearth.Server.Tests.Observability;

namespace Hearth.Server.Tests.Hosting;

/// <summary>What is loaded, what goes, and who waits, with models that are nothing but numbers. The budget is 10.</summary>
public sealed class ModelPoolTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly List<ModelPool> _pools = [];
    private readonly PoolMetrics _metrics = new(new ModelLabels(), new SchedulerMetrics());

    public void Dispose() => _pools.ForEach(pool => pool.Dispose());

    [Fact]
    public async Task Load_IsSharedAndNotEndedByTheFirstWhoLeaves()
    {
        ModelPool pool = Pool();
        FakeModel model = new("a", 5) { Gate = new SemaphoreSlim(0) };
        using CancellationTokenSource leaving = new();
        Task<(IDisposable Value, Action Release)> first = pool.AcquireAsync(model.Instance, null, leaving.Token);
        Task<(IDisposable Value, Action Release)> second = AcquireAsync(pool, model);
        Task<(IDisposable Value, Action Release)> third = AcquireAsync(pool, model);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        model.Gate.Release(10);

        Assert.Same((await second).Value, (await third).Value);
        Assert.Equal(1, model.Loads);
        Assert.Equal(2, pool.StatusOf(model.Instance)!.Leases);
    }

    [Fact]
    public async Task FailedLoad_IsToldToAllWhoWaitAndTriedAgainLater()
    {
        ModelPool pool = Pool();
        FakeModel model = new("a", 5) { Gate = new SemaphoreSlim(0), Failure = new IOException("no disk") };
        Task<(IDisposable Value, Action Release)>[] waiting = [AcquireAsync(pool, model), AcquireAsync(pool, model)];
        model.Gate.Release(10);

        foreach (Task<(IDisposable Value, Action Release)> task in waiting)
        {
            Assert.Equal("no disk", (await Assert.ThrowsAsync<IOException>(() => task)).Message);
        }

        Assert.Null(pool.StatusOf(model.Instance));
        Assert.Equal(0, pool.UsedBytes);
        Assert.Equal(["hearth_model_loads_total{model=\"a\",outcome=\"failed\"}"], Series("hearth_model_loads_total"));
        model.Failure = null;
        await AcquireAsync(pool, model);
        Assert.Equal(2, model.Loads);
    }

    [Fact]
    public async Task IdleModelUsedLeastRecently_GoesForAnother()
    {
        ModelPool pool = Pool();
        FakeModel a = new("a", 4), b = new("b", 4), c = new("c", 4);
        await UseAsync(pool, a);
        _time.Advance(TimeSpan.FromSeconds(1));
        await UseAsync(pool, b);
        _time.Advance(TimeSpan.FromSeconds(1));
        await UseAsync(pool, a);
        _time.Advance(TimeSpan.FromSeconds(1));

        await UseAsync(pool, c);

        Assert.Equal([true, false, true], [a.IsLoaded, b.IsLoaded, c.IsLoaded]);
        Assert.Equal(["hearth_model_unloads_total{model=\"b\",reason=\"evicted\"}"], Series("hearth_model_unloads_total"));
        Assert.Equal(3, Series("hearth_model_loads_total").Count(name => name.EndsWith("outcome=\"ok\"}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task SmallModel_StaysWhenALargeOneThatGoesIsEnough()
    {
        ModelPool pool = Pool();
        FakeModel small = new("small", 1), large = new("large", 8), other = new("other", 8);
        await UseAsync(pool, small);
        _time.Advance(TimeSpan.FromSeconds(1));
        await UseAsync(pool, large);

        await UseAsync(pool, other);

        Assert.Equal([true, false, true], [small.IsLoaded, large.IsLoaded, other.IsLoaded]);
    }

    [Fact]
    public async Task BusyModel_IsWaitedForAndNewRequestsForItQueueBehind()
    {
        ModelPool pool = Pool();
        FakeModel a = new("a", 6), b = new("b", 6);
        (_, Action release) = await AcquireAsync(pool, a);
        Task<(IDisposable Value, Action Release)> waiting = AcquireAsync(pool, b);
        Task<(IDisposable Value, Action Release)> behind = AcquireAsync(pool, a);
        Assert.False(waiting.IsCompleted || behind.IsCompleted);

        release();
        (_, Action releaseOther) = await waiting;

        Assert.False(behind.IsCompleted);
        Assert.Equal((false, 1), (a.IsLoaded, a.Loads));
        releaseOther();
        await behind;
        Assert.Equal((true, 2), (a.IsLoaded, a.Loads));
    }

    [Fact]
    public async Task WhoeverWaitsForAModel_GetsItWhenItComes()
    {
        ModelPool pool = Pool();
        FakeModel a = new("a", 6), b = new("b", 6);
        (_, Action release) = await AcquireAsync(pool, a);
        Task<(IDisposable Value, Action Release)>[] waiting = [AcquireAsync(pool, b), AcquireAsync(pool, a), AcquireAsync(pool, b)];

        release();
        (_, Action first) = await waiting[0];
        (_, Action third) = await waiting[2];
        first();
        Assert.False(waiting[1].IsCompleted);
        third();
        await waiting[1];

        Assert.Equal((2, 1), (a.Loads, b.Loads));
    }

    [Fact]
    public async Task ModelThatFitsBesideWhatIsWaitedFor_DoesNotWaitToo()
    {
        ModelPool pool = Pool();
        FakeModel busy = new("busy", 6), large = new("large", 7), small = new("small", 3), medium = new("medium", 4);
        (_, Action release) = await AcquireAsync(pool, busy);
        Task<(IDisposable Value, Action Release)> waiting = AcquireAsync(pool, large);

        Task<(IDisposable Value, Action Release)> delaying = AcquireAsync(pool, medium);
        await AcquireAsync(pool, small);

        Assert.False(waiting.IsCompleted || delaying.IsCompleted);
        Assert.Equal(0, medium.Loads);
        release();
        (_, Action releaseLarge) = await waiting;
        releaseLarge();
        await delaying;
    }

    [Fact]
    public async Task WaitThatIsLeft_GivesTheBusyModelBackToOthers()
    {
        ModelPool pool = Pool();
        FakeModel a = new("a", 6), b = new("b", 6);
        await AcquireAsync(pool, a);
        using CancellationTokenSource leaving = new();
        Task<(IDisposable Value, Action Release)> waiting = pool.AcquireAsync(b.Instance, null, leaving.Token);
        Task<(IDisposable Value, Action Release)> behind = AcquireAsync(pool, a);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await behind;
        Assert.Equal((1, 0), (a.Loads, b.Loads));
    }

    [Fact]
    public async Task WaitBeyondTheLimit_IsRefusedWithTheNumbers()
    {
        ModelPool pool = Pool(new ModelHostOptions { MemoryBytes = 10L << 30, MaxWait = TimeSpan.FromSeconds(30) });
        FakeModel a = new("a", 6L << 30), b = new("b", 7L << 30);
        (_, Action release) = await AcquireAsync(pool, a);
        Task<(IDisposable Value, Action Release)> waiting = AcquireAsync(pool, b);

        _time.Advance(TimeSpan.FromSeconds(30));

        ModelBusyException refusal = await Assert.ThrowsAsync<ModelBusyException>(() => waiting);
        Assert.Contains("`b` needs about 7.0 GiB", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("may have 10.0 GiB, of which 6.0 GiB are taken by a", refusal.Message, StringComparison.Ordinal);
        Assert.True(refusal.RetryAfter > TimeSpan.Zero);
        release();
        await AcquireAsync(pool, b);
    }

    [Fact]
    public async Task MoreWhoWaitThanMay_AreRefused()
    {
        ModelPool pool = Pool(new ModelHostOptions { MemoryBytes = 10, MaxWaiting = 1 });
        FakeModel a = new("a", 6), b = new("b", 6);
        await AcquireAsync(pool, a);
        _ = AcquireAsync(pool, b);

        Assert.Contains("1 requests wait", (await Assert.ThrowsAsync<ModelBusyException>(() => AcquireAsync(pool, b))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelThatCanNeverFit_IsRefusedAtOnceAndNothingGoesForIt()
    {
        ModelPool pool = Pool(new ModelHostOptions { MemoryBytes = 10L << 30 });
        FakeModel a = new("a", 6L << 30), huge = new("huge", 11L << 30);
        await UseAsync(pool, a);

        ModelMemoryException refusal = await Assert.ThrowsAsync<ModelMemoryException>(() => AcquireAsync(pool, huge));

        Assert.Contains("`huge` needs about 11.0 GiB", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("may have 10.0 GiB", refusal.Message, StringComparison.Ordinal);
        Assert.True(a.IsLoaded);
    }

    [Fact]
    public async Task OneModelAtATime_IsAllThatOneMeans()
    {
        ModelPool pool = Pool(new ModelHostOptions { MemoryBytes = 10, MaxModels = 1 });
        FakeModel a = new("a", 1), b = new("b", 1);
        await UseAsync(pool, a);

        await UseAsync(pool, b);

        Assert.Equal([false, true], [a.IsLoaded, b.IsLoaded]);
    }

    [Fact]
    public async Task InstancesOfOneModel_ShareItsWeights()
    {
        ModelPool pool = Pool();
        FakeModel chat = new("a", 2, weights: 6), embedding = new("a", 2, weights: 6);

        await AcquireAsync(pool, chat);
        await AcquireAsync(pool, embedding);

        Assert.Equal(10, pool.UsedBytes);
    }

    [Fact]
    public async Task KeepAlive_CountsFromTheLastUse()
    {
        ModelPool pool = Pool();
        FakeModel model = new("a", 1);
        await UseAsync(pool, model);
        _time.Advance(TimeSpan.FromMinutes(4));
        await UseAsync(pool, model);

        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.True(model.IsLoaded);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(1), pool.StatusOf(model.Instance)!.ExpiresAt);
        _time.Advance(TimeSpan.FromMinutes(1));

        await GoneAsync(pool, model);
    }

    [Fact]
    public async Task KeepAlive_DoesNotEndARequestThatRuns()
    {
        ModelPool pool = Pool();
        FakeModel model = new("a", 1);
        (_, Action release) = await AcquireAsync(pool, model);

        _time.Advance(TimeSpan.FromHours(1));

        Assert.True(model.IsLoaded);
        release();
        Assert.True(model.IsLoaded);
    }

    [Fact]
    public async Task KeepAlive_OfTheRequestIsBeforeTheModelsBeforeTheHosts()
    {
        ModelPool pool = Pool();
        FakeModel own = new("own", 1) { KeepAlive = TimeSpan.FromMinutes(10) }, forever = new("forever", 1), short_ = new("short", 1);
        await UseAsync(pool, own);
        await UseAsync(pool, forever, KeepAlive.Forever);
        await UseAsync(pool, short_, TimeSpan.FromSeconds(30));

        _time.Advance(TimeSpan.FromSeconds(30));
        await GoneAsync(pool, short_);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.True(own.IsLoaded);
        _time.Advance(TimeSpan.FromMinutes(1));
        await GoneAsync(pool, own);
        _time.Advance(TimeSpan.FromDays(1000));
        Assert.True(forever.IsLoaded);
    }

    [Fact]
    public async Task KeepAliveZero_UnloadsWithTheLastRequest()
    {
        ModelPool pool = Pool();
        FakeModel model = new("a", 1);
        (_, Action other) = await AcquireAsync(pool, model);
        await UseAsync(pool, model, TimeSpan.Zero);
        Assert.True(model.IsLoaded);

        other();

        await GoneAsync(pool, model);
    }

    [Fact]
    public async Task Unload_WaitsForWhatRunsAndNewRequestsLoadAgain()
    {
        ModelPool pool = Pool();
        FakeModel model = new("a", 1);
        (_, Action release) = await AcquireAsync(pool, model);

        Task gone = Assert.Single(pool.Unload([model.Instance]));
        Task<(IDisposable Value, Action Release)> next = AcquireAsync(pool, model);
        Assert.False(gone.IsCompleted || next.IsCompleted);
        release();
        await gone;
        await next;

        Assert.Equal(2, model.Loads);
        Assert.Empty(pool.Unload([new FakeModel("b", 1).Instance]));
    }

    [Fact]
    public async Task Dispose_EndsWaitsAndFreesWhatIsStillBeingLoaded()
    {
        ModelPool pool = Pool();
        FakeModel loading = new("a", 6) { Gate = new SemaphoreSlim(0) }, waiting = new("b", 6);
        Task<(IDisposable Value, Action Release)>[] tasks = [AcquireAsync(pool, loading), AcquireAsync(pool, waiting)];

        Task disposed = Task.Run(pool.Dispose, TestContext.Current.CancellationToken);
        foreach (Task<(IDisposable Value, Action Release)> task in tasks)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task);
        }

        loading.Gate.Release();
        await disposed;
        Assert.Equal((1, 1, 0), (loading.Loads, loading.Disposals, waiting.Loads));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => AcquireAsync(pool, loading));
    }

    [Fact]
    public async Task ClientsThatAlternate_AreAllServed()
    {
        ModelPool pool = Pool();
        FakeModel[] models = [new("a", 6), new("b", 6), new("c", 3)];
        int served = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                FakeModel model = models[(client + i) % models.Length];
                (IDisposable value, Action release) = await AcquireAsync(pool, model);
                Assert.True(model.IsLoaded);
                Assert.True(pool.UsedBytes <= pool.BudgetBytes);
                Assert.Same(model, value);
                await Task.Yield();
                release();
                Interlocked.Increment(ref served);
            }
        }))).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(400, served);
    }

    private static Task<(IDisposable Value, Action Release)> AcquireAsync(ModelPool pool, FakeModel model, TimeSpan? keepAlive = null) =>
        pool.AcquireAsync(model.Instance, keepAlive, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1));

    private static async Task UseAsync(ModelPool pool, FakeModel model, TimeSpan? keepAlive = null)
    {
        (_, Action release) = await AcquireAsync(pool, model, keepAlive);
        release();
    }

    /// <summary>Waits until a model that was told to go has gone; it fails when it was not.</summary>
    private static async Task GoneAsync(ModelPool pool, FakeModel model)
    {
        Assert.NotEqual(InstanceState.Loaded, pool.StatusOf(model.Instance)?.State);
        while (model.IsLoaded)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The series of a metric; each stands at 1.</summary>
    private string[] Series(string name)
    {
        StringBuilder text = new();
        PrometheusText.Write(text, _metrics.Families.Single(family => family.Name == name));
        Dictionary<string, double> series = MetricsServer.Parse(text.ToString());
        Assert.All(series.Values, value => Assert.Equal(1, value));
        return [.. series.Keys];
    }

    private ModelPool Pool(ModelHostOptions? options = null)
    {
        ModelPool pool = new(options ?? new ModelHostOptions { MemoryBytes = 10 }, _time, _metrics);
        _pools.Add(pool);
        return pool;
    }

    private sealed class FakeModel : IDisposable
    {
        public FakeModel(string name, long bytes, long weights = 0) =>
            Instance = new ModelInstance(name, () => KeepAlive, () => new MemoryEstimate(weights, bytes, 0, 0, 0), Load);

        public ModelInstance Instance { get; }

        public TimeSpan? KeepAlive { get; init; }

        public SemaphoreSlim? Gate { get; init; }

        public Exception? Failure { get; set; }

        public int Loads { get; private set; }

        public int Disposals { get; private set; }

        public bool IsLoaded => Loads > Disposals;

        public void Dispose() => Disposals++;

        private FakeModel Load()
        {
            Gate?.Wait();
            if (Failure is not null)
            {
                Loads++;
                Disposals++;
                throw Failure;
            }

            Loads++;
            return this;
        }
    }
}
