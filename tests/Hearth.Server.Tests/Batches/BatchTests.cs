using System.Text;
using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Access;
using Hearth.Server.Batches;
using Hearth.Server.Files;
using Hearth.Server.Hosting;

namespace Hearth.Server.Tests.Batches;

/// <summary>Batches over HTTP, from the file with the requests to that with the answers.</summary>
public sealed class BatchTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-batch-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Lines_AreAnsweredAsTheRouteAnswersThem()
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);
        string[] bodies = [.. Enumerable.Range(0, 12).Select(i => $"\"prompt\":\"Once {i}\",\"max_tokens\":{5 + i},\"seed\":{i}")];
        string[] lines = [.. bodies.Select((body, i) => BatchServer.Line($"line-{i}", body)), BatchServer.Line("bad", "\"prompt\":\"x\",\"nothing\":1"), string.Empty];

        JsonElement created = await server.CreateAsync(lines, more: ",\"metadata\":{\"who\":\"me\"},\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":7200}");
        JsonElement batch = await server.EndAsync(created);

        Assert.Equal(("validating", "batch", "24h"), (BatchServer.Text(created, "status"), BatchServer.Text(created, "object"), BatchServer.Text(created, "completion_window")));
        Assert.Equal("completed", BatchServer.Text(batch, "status"));
        Assert.Equal((13, 12, 1), Counts(batch));
        Assert.Equal("me", batch.GetProperty("metadata").GetProperty("who").GetString());
        Assert.All(["created_at", "in_progress_at", "finalizing_at", "completed_at", "expires_at"], name => Assert.True(batch.GetProperty(name).GetInt64() > 0, name));
        Dictionary<string, JsonElement> answers = await server.LinesAsync(batch, "output_file_id");
        long made = 0;
        for (int i = 0; i < bodies.Length; i++)
        {
            (_, JsonElement alone) = await server.PostAsync(BatchServer.Completions, "{" + bodies[i] + "}");
            JsonElement response = answers[$"line-{i}"].GetProperty("response");
            Assert.Equal(200, response.GetProperty("status_code").GetInt32());
            Assert.Equal(Answer(alone), Answer(response.GetProperty("body")));
            made += alone.GetProperty("usage").GetProperty("completion_tokens").GetInt64();
        }

        Assert.Equal(made, batch.GetProperty("usage").GetProperty("output_tokens").GetInt64());
        JsonElement failure = (await server.LinesAsync(batch, "error_file_id"))["bad"];
        Assert.Equal(400, failure.GetProperty("response").GetProperty("status_code").GetInt32());
        Assert.Equal("nothing", failure.GetProperty("response").GetProperty("body").GetProperty("error").GetProperty("param").GetString());
        (_, JsonElement output) = await server.GetAsync($"/v1/files/{BatchServer.Text(batch, "output_file_id")}");
        Assert.Equal(("batch_output", 7200), (BatchServer.Text(output, "purpose"), output.GetProperty("expires_at").GetInt64() - output.GetProperty("created_at").GetInt64()));
    }

    [Theory]
    [InlineData("/v1/embeddings", "\"input\":\"Once\"", "embedding")]
    [InlineData("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"Once\"}],\"max_tokens\":4,\"temperature\":0", "assistant")]
    public async Task OtherRoutes_AnswerToo(string url, string body, string expected)
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);

        JsonElement batch = await server.EndAsync(await server.CreateAsync([BatchServer.Line("a", body, url), BatchServer.Line("b", body + ",\"model\":\"stories\"", url)], url));

        Assert.Equal((2, 2, 0), Counts(batch));
        Dictionary<string, JsonElement> answers = await server.LinesAsync(batch, "output_file_id");
        Assert.Contains(expected, answers["a"].GetRawText(), StringComparison.Ordinal);
        Assert.True(batch.GetProperty("usage").GetProperty("input_tokens").GetInt64() > 0);
    }

    [Theory]
    [InlineData("{\"custom_id\":", "invalid_json_line", null)]
    [InlineData("5", "invalid_json_line", null)]
    [InlineData("{\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{}}", "missing_required_parameter", "custom_id")]
    [InlineData("{\"custom_id\":7,\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{}}", "invalid_type", "custom_id")]
    [InlineData("{\"custom_id\":\"\\ud800\",\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{}}", "invalid_unicode", "custom_id")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"GET\",\"url\":\"/v1/completions\",\"body\":{}}", "invalid_value", "method")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{}}", "mismatched_url", "url")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/completions\"}", "missing_required_parameter", "body")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":[]}", null, "body")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{},\"more\":1}", "unsupported_parameter", "more")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{\"stream\":true}}", "unsupported_parameter", "body.stream")]
    [InlineData("{\"custom_id\":\"first\",\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{}}", "duplicate_custom_id", "custom_id")]
    public async Task HostileLine_FailsTheBatchWithItsNumber(string line, string? code, string? parameter)
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);

        JsonElement batch = await server.EndAsync(await server.CreateAsync([BatchServer.Line("first", "\"prompt\":\"x\""), string.Empty, line]));

        Assert.Equal("failed", BatchServer.Text(batch, "status"));
        JsonElement error = Assert.Single(batch.GetProperty("errors").GetProperty("data").EnumerateArray());
        Assert.Equal(3, error.GetProperty("line").GetInt32());
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Equal(code ?? error.GetProperty("code").GetString(), error.GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, batch.GetProperty("output_file_id").ValueKind);
    }

    [Fact]
    public async Task BrokenBytes_LongLines_DepthAndTooMany_AreErrors()
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName, new FileLimits { MaxLineBytes = 2000, MaxLines = 3 });
        byte[] good = Encoding.UTF8.GetBytes(BatchServer.Line("good", "\"prompt\":\"x\"") + "\n");
        string deep = BatchServer.Line("deep", $"\"prompt\":{new string('[', 200)}{new string(']', 200)}");
        byte[][] files =
        [
            [.. good, 0xFF, 0xFE, (byte)'\n'],
            [.. good, .. Encoding.UTF8.GetBytes(BatchServer.Line("long", $"\"prompt\":\"{new string('x', 300_000)}\""))],
            [.. good, .. Encoding.UTF8.GetBytes(deep)],
            [.. Enumerable.Range(0, 5).SelectMany(i => Encoding.UTF8.GetBytes(BatchServer.Line($"{i}", "\"prompt\":\"x\"") + "\n"))],
            "\n \n"u8.ToArray(),
            [],
            new byte[3000],
        ];

        List<(string?, int?)> errors = [];
        foreach (byte[] file in files)
        {
            JsonElement batch = await server.EndAsync(await server.CreateAsync(file));
            Assert.Equal("failed", BatchServer.Text(batch, "status"));
            JsonElement error = batch.GetProperty("errors").GetProperty("data")[0];
            errors.Add((error.GetProperty("code").GetString(), error.GetProperty("line").ValueKind == JsonValueKind.Null ? null : error.GetProperty("line").GetInt32()));
        }

        Assert.Equal(
            [("invalid_unicode", 2), ("line_too_long", 2), ("invalid_json_line", 2), ("too_many_lines", 4), ("empty_file", null), ("empty_file", null), ("line_too_long", 1)], errors);
    }

    [Theory]
    [InlineData("\"endpoint\":\"/v1/images/generations\"", "endpoint")]
    [InlineData("\"completion_window\":\"1h\"", "completion_window")]
    [InlineData("\"metadata\":{\"a\":1}", "metadata")]
    [InlineData("\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":1}", "output_expires_after.seconds")]
    [InlineData("\"output_expires_after\":{\"seconds\":7200}", "output_expires_after.anchor")]
    [InlineData("\"another\":1", "another")]
    [InlineData("\"input_file_id\":\"file-0\"", "input_file_id")]
    public async Task BadBatch_NamesTheField(string field, string parameter)
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);
        (_, JsonElement file) = await server.UploadAsync(BatchServer.Form("x"u8.ToArray()));
        Dictionary<string, string> fields = new()
        {
            ["endpoint"] = "\"endpoint\":\"/v1/completions\"",
            ["completion_window"] = "\"completion_window\":\"24h\"",
            ["input_file_id"] = $"\"input_file_id\":\"{BatchServer.Text(file, "id")}\"",
        };
        fields[parameter] = field;

        (int status, JsonElement body) = await server.PostAsync("/v1/batches", "{" + string.Join(',', fields.Values) + "}");

        Assert.Equal((parameter == "input_file_id" ? 404 : 400, parameter), (status, body.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task Restart_GoesOnWithWhatIsNotWritten()
    {
        const int Lines = 24;
        string[] lines = [.. Enumerable.Range(0, Lines).Select(i => BatchServer.Line($"{i}", $"\"prompt\":\"Once {i}\",\"max_tokens\":150,\"ignore_eos\":true,\"temperature\":0"))];
        JsonElement batch;
        int before;
        await using (BatchServer first = await BatchServer.StartAsync(_folder.FullName))
        {
            batch = await first.UntilAsync(await first.CreateAsync(lines), found => Counts(found).Completed > 0);
            before = Counts(batch).Completed;
        }

        // What was being written when the process ended.
        string output = Assert.Single(Directory.GetFiles(Path.Combine(_folder.FullName, "batches"), "*.output"));
        string[] whole = await File.ReadAllLinesAsync(output, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(output, "{\"id\":\"batch_req_1\",\"custom_id\":\"23\",\"resp", TestContext.Current.CancellationToken);
        await using BatchServer second = await BatchServer.StartAsync(_folder.FullName);
        batch = await second.EndAsync(batch);

        Assert.True(before < Lines && whole.Length >= before);
        Assert.Equal(("completed", (Lines, Lines, 0)), (BatchServer.Text(batch, "status"), Counts(batch)));
        Dictionary<string, JsonElement> answers = await second.LinesAsync(batch, "output_file_id");
        Assert.Equal(Lines, answers.Count);
        Assert.All(whole.Select(TestServer.Parse), line => Assert.Equal(BatchServer.Text(line, "id"), BatchServer.Text(answers[BatchServer.Text(line, "custom_id")], "id")));
        Assert.Equal(Lines * 150, batch.GetProperty("usage").GetProperty("output_tokens").GetInt64());
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.FullName, "batches"), "*.output"));
    }

    [Fact]
    public async Task Cancel_KeepsWhatHasBeenAnswered()
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);
        IEnumerable<string> lines = Enumerable.Range(0, 500).Select(i => BatchServer.Line($"{i}", "\"prompt\":\"Once\",\"max_tokens\":100,\"ignore_eos\":true"));
        JsonElement batch = await server.UntilAsync(await server.CreateAsync(lines), found => Counts(found).Completed > 0);
        string path = $"/v1/batches/{BatchServer.Text(batch, "id")}";
        (int inUse, JsonElement deleted) = await server.SendAsync(HttpMethod.Delete, $"/v1/files/{BatchServer.Text(batch, "input_file_id")}");

        (int status, JsonElement cancelling) = await server.SendAsync(HttpMethod.Post, path + "/cancel");
        batch = await server.EndAsync(batch);
        (int again, JsonElement refused) = await server.SendAsync(HttpMethod.Post, path + "/cancel");

        Assert.Equal((400, "file_in_use"), (inUse, Code(deleted)));
        Assert.Equal((200, "cancelling"), (status, BatchServer.Text(cancelling, "status")));
        Assert.Equal("cancelled", BatchServer.Text(batch, "status"));
        Assert.Equal((400, "batch_not_cancellable"), (again, Code(refused)));
        Assert.InRange(Counts(batch).Completed, 1, 499);
        Assert.Equal(Counts(batch).Completed, (await server.LinesAsync(batch, "output_file_id")).Count);
        Assert.True(batch.GetProperty("cancelled_at").GetInt64() > 0 && batch.GetProperty("cancelling_at").GetInt64() > 0);
    }

    [Fact]
    public async Task InteractiveRequest_OvertakesTheLines()
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName, parallel: 1);
        IEnumerable<string> lines = Enumerable.Range(0, 200).Select(i => BatchServer.Line($"{i}", "\"prompt\":\"Once\",\"max_tokens\":400,\"ignore_eos\":true"));
        JsonElement batch = await server.UntilAsync(await server.CreateAsync(lines), found => Counts(found).Completed > 0);
        using ModelLease<LanguageModel> lease = await server.Models.AcquireLanguageAsync("stories", cancellationToken: TestContext.Current.CancellationToken);

        (int status, _) = await server.PostAsync(BatchServer.Completions, "{\"prompt\":\"Lily\",\"max_tokens\":5}");
        batch = await server.UntilAsync(batch, _ => true);

        // One place, eight lines that wait for it: the request took it from the line that had it.
        Assert.Equal(200, status);
        Assert.True(lease.Model.Statistics.Preemptions > 0);
        Assert.Equal("in_progress", BatchServer.Text(batch, "status"));
        await server.SendAsync(HttpMethod.Post, $"/v1/batches/{BatchServer.Text(batch, "id")}/cancel");
        await server.EndAsync(batch);
    }

    [Fact]
    public async Task Keys_SeeTheirOwnOnly()
    {
        ApiKeyStore keys = new(Path.Combine(_folder.FullName, "keys.json"));
        ApiKey limits = new("anybody", string.Empty, default) { Scopes = [KeyScope.Inference] };
        string alice = keys.Create("alice", limits, DateTimeOffset.UtcNow);
        string bob = keys.Create("bob", limits, DateTimeOffset.UtcNow);
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName, access: new AccessOptions { Keys = keys });

        JsonElement batch = await server.EndAsync(await server.CreateAsync([BatchServer.Line("a", "\"prompt\":\"x\",\"max_tokens\":2")], key: alice), alice);
        string id = BatchServer.Text(batch, "id");
        string file = BatchServer.Text(batch, "output_file_id");
        using StringContent stolen = new($$"""{"input_file_id":"{{BatchServer.Text(batch, "input_file_id")}}","endpoint":"/v1/completions","completion_window":"24h"}""");

        Assert.Equal("completed", BatchServer.Text(batch, "status"));
        Assert.Equal((200, 404), ((await server.GetAsync($"/v1/files/{file}", alice)).Status, (await server.GetAsync($"/v1/files/{file}", bob)).Status));
        Assert.Equal(404, (await server.GetAsync($"/v1/files/{file}/content", bob)).Status);
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Delete, $"/v1/files/{file}", key: bob)).Status);
        Assert.Equal(404, (await server.GetAsync($"/v1/batches/{id}", bob)).Status);
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Post, $"/v1/batches/{id}/cancel", key: bob)).Status);
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Post, "/v1/batches", stolen, bob)).Status);
        Assert.Equal((2, 0), (Length(await server.GetAsync("/v1/files", alice)), Length(await server.GetAsync("/v1/files", bob))));
        Assert.Equal((1, 0), (Length(await server.GetAsync("/v1/batches", alice)), Length(await server.GetAsync("/v1/batches", bob))));
        Assert.Equal(401, (await server.GetAsync("/v1/files")).Status);
    }

    [Fact]
    public async Task BatchOfARemovedKey_IsRefusedLineByLine()
    {
        ApiKeyStore keys = new(Path.Combine(_folder.FullName, "keys.json"));
        string alice = keys.Create("alice", null, DateTimeOffset.UtcNow);
        string bob = keys.Create("bob", null, DateTimeOffset.UtcNow);
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName, access: new AccessOptions { Keys = keys });
        IEnumerable<string> lines = Enumerable.Range(0, 100).Select(i => BatchServer.Line($"{i}", "\"prompt\":\"Once\",\"max_tokens\":200,\"ignore_eos\":true"));
        await server.CreateAsync(lines, key: alice);
        keys.Remove("alice");

        BatchFolder folder = new(Path.Combine(_folder.FullName, "batches"), TimeProvider.System);
        while (!BatchStatus.IsEnd(Assert.Single(folder.List()).Status))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.True(Assert.Single(folder.List()).Counts.Failed > 0);
        Assert.Equal(200, (await server.GetAsync("/v1/models", bob)).Status);
    }

    [Fact]
    public async Task FolderThatCannotBeWritten_FailsTheBatch()
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName, new FileLimits { LinesAtOnce = 1 });
        BatchFolder folder = new(Path.Combine(_folder.FullName, "batches"), TimeProvider.System);
        (_, JsonElement file) = await server.UploadAsync(BatchServer.Form(Encoding.UTF8.GetBytes(BatchServer.Line("a", "\"prompt\":\"x\",\"max_tokens\":2"))));
        BatchRecord record = new()
        {
            Id = BatchFolder.NewId(),
            Endpoint = BatchServer.Completions,
            InputFileId = BatchServer.Text(file, "id"),
            CompletionWindow = "24h",
            Status = BatchStatus.Validating,
            ExpiresAt = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds(),
        };
        folder.Save(record);
        Directory.CreateDirectory(folder.OutputOf(record.Id));
        await using BatchServer second = await BatchServer.StartAsync(_folder.FullName);

        JsonElement batch = await second.EndAsync(TestServer.Parse($$"""{"id":"{{record.Id}}"}"""));

        Assert.Equal("failed", BatchServer.Text(batch, "status"));
        Assert.Equal("store_error", BatchServer.Text(batch.GetProperty("errors").GetProperty("data")[0], "code"));
        Directory.Delete(folder.OutputOf(record.Id));
    }

    private static (int Total, int Completed, int Failed) Counts(JsonElement batch)
    {
        JsonElement counts = batch.GetProperty("request_counts");
        return (counts.GetProperty("total").GetInt32(), counts.GetProperty("completed").GetInt32(), counts.GetProperty("failed").GetInt32());
    }

    private static int Length((int Status, JsonElement Body) list) => list.Body.GetProperty("data").GetArrayLength();

    private static string? Code(JsonElement body) => body.GetProperty("error").GetProperty("code").GetString();

    private static string? Answer(JsonElement completion) => completion.GetProperty("choices")[0].GetProperty("text").GetString();
}
