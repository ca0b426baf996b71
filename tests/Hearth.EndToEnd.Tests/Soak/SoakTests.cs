using System.Globalization;

namespace Hearth.EndToEnd.Tests.Soak;

/// <summary>
/// A server under everything that people do to it, all at once. <c>HEARTH_SOAK_SECONDS</c> says for how long; what grows slowly is only seen
/// in minutes.
/// </summary>
public sealed class SoakTests : IDisposable
{
    private const int Clients = 8;
    private const int ShortSeconds = 6;
    private const int SecondsToSeeGrowth = 120;
    private const int MoreFiles = 16;
    private const int MoreThreads = 8;
    private const double MostGrowthPerMinute = 3e6;
    private const double MemoryNoise = 10e6;

    // The collector runs often and closes gaps, so that what the process has is little more than what it needs.
    private static readonly Dictionary<string, string> s_collector = new() { ["DOTNET_GCgen0size"] = "0x400000", ["DOTNET_GCConserveMemory"] = "9" };
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Server_LosesNothingAndDoesNotGrow()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has is read from /proc.");
        TimeSpan time = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("HEARTH_SOAK_SECONDS") is { Length: > 0 } seconds ? int.Parse(seconds, CultureInfo.InvariantCulture) : ShortSeconds);
        string home = Directory.CreateDirectory(_files.Combine("home")).FullName;
        await using SoakModels models = await SoakModels.CreateAsync(_files);
        string[] arguments = ["guide", models.Caller, models.Embedder, "--max-models", "2", "--keep-alive", "2s", "--max-queue", "3", "-np", "3"];
        SoakRun run;
        await using (ServerProcess server = await ServerProcess.StartInAsync(home, s_collector, arguments))
        {
            server.KeepOutput();
            run = new SoakRun(models, server);
            await run.AskEachAsync();
            await run.LoadAsync(Clients, time / 3, TestContext.Current.CancellationToken);
            ProcessFigures warm = await run.RestAsync();
            await run.LoadAsync(Clients, time / 3, TestContext.Current.CancellationToken);
            await run.RestAsync();
            await run.LoadAsync(Clients, time / 3, TestContext.Current.CancellationToken);
            ProcessFigures end = await run.RestAsync();
            await run.AskEachAsync();

            AssertNothingWrong(run, server);
            if (time.TotalSeconds >= SecondsToSeeGrowth)
            {
                AssertSteady(warm, end, time * 2 / 3);
            }

            // And then it is killed.
            run.MayBeGone = true;
            using CancellationTokenSource killed = new();
            Task load = run.LoadAsync(Clients, TimeSpan.FromMinutes(1), killed.Token);
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(3, time.TotalSeconds / 3)), TestContext.Current.CancellationToken);
            await server.KillAsync();
            await killed.CancelAsync();
            await load;
        }

        await using ServerProcess again = await ServerProcess.StartInAsync(home, s_collector, arguments);
        again.KeepOutput();
        run.Server = again;
        (int verified, string found, string problems) = await HearthProcess.RunAsync(["verify"], home: home);
        Assert.True(verified == 0, found + problems);
        await run.AskEachAsync();
        await run.RestAsync();
        AssertNothingWrong(run, again);
        await again.TerminateAsync();
        Assert.Equal(0, await again.WaitAsync());
        SoakRun.Say($"{run.Tally}; {run.Batches.Done} batches done");
    }

    private static void AssertNothingWrong(SoakRun run, ServerProcess server)
    {
        Assert.True(run.Tally.Failures.Count == 0, $"{string.Join('\n', run.Tally.Failures)}\n{server.KeptOutput}");
        Assert.Equal(run.Tally.Begun, run.Tally.Ended);
    }

    private static void AssertSteady(ProcessFigures before, ProcessFigures after, TimeSpan time)
    {
        Assert.InRange(after.Files, 0, before.Files + MoreFiles);
        Assert.InRange(after.Threads, 0, before.Threads + MoreThreads);
        Assert.InRange(after.Memory, 0, before.Memory + MemoryNoise + (MostGrowthPerMinute * time.TotalMinutes));
    }
}
