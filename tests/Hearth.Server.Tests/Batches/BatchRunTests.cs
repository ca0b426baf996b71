using System.Text;
using Hearth.Server.Batches;
using Hearth.Server.Files;
using Hearth.Server.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Tests.Batches;

/// <summary>One batch, with routes and a clock that the tests hold.</summary>
public sealed class BatchRunTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-batch-");
    private readonly ManualTime _time = new();
    private readonly FileFolder _files;
    private readonly BatchFolder _batches;
    private readonly BatchDispatcher _dispatcher;

    public BatchRunTests()
    {
        _files = new FileFolder(Path.Combine(_folder.FullName, "files"), _time);
        _batches = new BatchFolder(Path.Combine(_folder.FullName, "batches"), _time);
        _dispatcher = new BatchDispatcher(new NoServices(), 4, _time) { Routes = context => context.Response.WriteAsync("""{"text":"fine","usage":{"prompt_tokens":2,"completion_tokens":3}}""") };
    }

    public void Dispose()
    {
        _dispatcher.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task EndOfTheWindow_EndsTheBatchWithErrorsForTheRest()
    {
        TaskCompletionSource blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RequestDelegate answer = _dispatcher.Routes;
        _dispatcher.Routes = async context =>
        {
            if (context.Request.ContentLength == Body(0).Length)
            {
                await answer(context);
                return;
            }

            blocked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        using BatchRun run = Create(lines: 3);
        Task running = run.RunAsync(_ => { }, TestContext.Current.CancellationToken);
        await blocked.Task.WaitAsync(TestContext.Current.CancellationToken);
        while (run.Record.Counts.Completed == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        _time.Advance(TimeSpan.FromHours(25));
        await running;

        Assert.Equal((BatchStatus.Expired, new BatchCounts(3, 1, 2)), (run.Record.Status, run.Record.Counts));
        Assert.Equal(run.Record, _batches.Find(run.Record.Id)! with { Errors = run.Record.Errors });
        string[] errors = await LinesAsync(run.Record.ErrorFileId!);
        Assert.Equal(2, errors.Length);
        Assert.All(errors, line => Assert.Contains("\"code\":\"batch_expired\"", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnswerThatSaysWhenToTryAgain_IsTriedAgain()
    {
        int tries = 0;
        RequestDelegate answer = _dispatcher.Routes;
        _dispatcher.Routes = context =>
        {
            if (++tries > 1)
            {
                return answer(context);
            }

            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "7";
            return context.Response.WriteAsync("{}");
        };
        using BatchRun run = Create(lines: 1);
        Task running = run.RunAsync(_ => { }, TestContext.Current.CancellationToken);
        while (!_time.HasTimerIn(TimeSpan.FromSeconds(7)))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        _time.Advance(TimeSpan.FromSeconds(7));
        await running;

        Assert.Equal((2, BatchStatus.Completed), (tries, run.Record.Status));
        Assert.Equal(new BatchTokens(2, 0, 3, 0), run.Record.Tokens);
    }

    [Fact]
    public async Task OfTwoProcesses_OneWorksAtABatch()
    {
        int answered = 0;
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _dispatcher.Routes = async context =>
        {
            Interlocked.Increment(ref answered);
            await release.Task;
            await context.Response.WriteAsync("{}");
        };
        using BatchRun one = Create(lines: 2);
        using BatchRun other = new(one.Record, _batches, _files, new FileLimits(), _dispatcher, _time);
        Task first = one.RunAsync(_ => { }, TestContext.Current.CancellationToken);
        while (Volatile.Read(ref answered) == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await other.RunAsync(_ => { }, TestContext.Current.CancellationToken);
        release.SetResult();
        await first;

        Assert.Equal((2, BatchStatus.Completed), (answered, one.Record.Status));
        await other.RunAsync(_ => { }, TestContext.Current.CancellationToken);
        Assert.Equal((2, BatchStatus.Completed), (answered, other.Record.Status));
    }

    [Fact]
    public async Task BatchesThatEndedLongAgo_AreForgottenWithTheirResults()
    {
        using BatchRun done = Create(lines: 1), without = Create(lines: 1), open = Create(lines: 1);
        await done.RunAsync(_ => { }, TestContext.Current.CancellationToken);
        await without.RunAsync(_ => { }, TestContext.Current.CancellationToken);
        _files.Remove(without.Record.OutputFileId!);
        string leftover = Path.Combine(_folder.FullName, "batches", "x.json.1.tmp");
        await File.WriteAllTextAsync(leftover, "{", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(leftover, _time.GetUtcNow().UtcDateTime);

        _batches.Sweep(_files.Has);
        Assert.True(File.Exists(leftover));
        Assert.Equal(3, _batches.List().Count());
        _time.Advance(TimeSpan.FromDays(31));
        _batches.Sweep(_files.Has);

        Assert.False(File.Exists(leftover));
        Assert.Equal(new[] { done.Record.Id, open.Record.Id }.Order(), _batches.List().Select(record => record.Id).Order());
    }

    [Theory]
    [InlineData(true)] // both files are there still
    [InlineData(false)] // the answers have been moved
    public async Task ProcessThatEndsWhileFinishing_IsMadeUpFor(bool isThere)
    {
        using BatchRun run = Create(lines: 1);
        BatchRecord finishing = run.Record with
        {
            Status = BatchStatus.Finalizing,
            Outcome = BatchStatus.Completed,
            OutputFileId = FileFolder.NewId(),
            Counts = new BatchCounts(1, 1, 0),
        };
        _batches.Save(finishing);
        string output = isThere ? _batches.OutputOf(finishing.Id) : Path.Combine(_folder.FullName, "files", $"{finishing.OutputFileId}.data");
        await File.WriteAllTextAsync(output, "{\"custom_id\":\"0\"}\n", TestContext.Current.CancellationToken);

        await run.RunAsync(_ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(BatchStatus.Completed, _batches.Find(finishing.Id)!.Status);
        Assert.Equal(["{\"custom_id\":\"0\"}"], await LinesAsync(finishing.OutputFileId!));
    }

    private static string Body(int line) => $"{{\"prompt\":\"{new string('x', line)}\"}}";

    private BatchRun Create(int lines)
    {
        string temporary = _files.NewTemporary();
        File.WriteAllText(temporary, string.Join('\n', Enumerable.Range(0, lines).Select(i => $$$"""{"custom_id":"{{{i}}}","method":"POST","url":"/v1/completions","body":{{{Body(i)}}}}""")), Encoding.UTF8);
        FileRecord input = _files.Add(temporary, new FileRecord(FileFolder.NewId(), "lines.jsonl", "batch", 0, 0, null, null), null);
        BatchRecord record = new()
        {
            Id = BatchFolder.NewId(),
            Endpoint = "/v1/completions",
            InputFileId = input.Id,
            CompletionWindow = "24h",
            Status = BatchStatus.Validating,
            ExpiresAt = _time.GetUtcNow().AddDays(1).ToUnixTimeSeconds(),
        };
        _batches.Save(record);
        return new BatchRun(record, _batches, _files, new FileLimits(), _dispatcher, _time);
    }

    private async Task<string[]> LinesAsync(string fileId)
    {
        Assert.NotNull(_files.Find(fileId, null));
        using StreamReader reader = new(_files.TryOpen(fileId)!);
        return (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
