using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Hearth.Server.Errors;
using Hearth.Server.Files;
using Hearth.Server.Tests.Batches;
using Hearth.Server.Tests.Hosting;
using Hearth.Store.Storage;

namespace Hearth.Server.Tests.Files;

/// <summary>OpenAI's files over HTTP.</summary>
public sealed class FileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-files-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("/v1")]
    [InlineData("")]
    [InlineData("/engines/llama.cpp/v1")]
    [InlineData("/openai/v1")]
    public async Task File_IsKeptShownReadAndRemoved(string prefix)
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);
        byte[] content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];

        (int status, JsonElement file) = await server.UploadAsync(
            BatchServer.Form(content, "user_data", "some/path/näme.bin", ("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "3600")), prefix + "/files");

        Assert.True(status == 200, file.GetRawText());
        Assert.Equal(("file", "näme.bin", "user_data", "processed"), (Text(file, "object"), Text(file, "filename"), Text(file, "purpose"), Text(file, "status")));
        Assert.Equal((100_000, 3600), (file.GetProperty("bytes").GetInt64(), file.GetProperty("expires_at").GetInt64() - file.GetProperty("created_at").GetInt64()));
        string path = $"{prefix}/files/{Text(file, "id")}";
        Assert.Equal(file.GetRawText(), (await server.GetAsync(path)).Body.GetRawText());
        Assert.Equal(content, await server.Client.GetByteArrayAsync(new Uri(path + "/content", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal(file.GetRawText(), (await server.GetAsync(prefix + "/files")).Body.GetProperty("data")[0].GetRawText());
        (status, JsonElement deleted) = await server.SendAsync(HttpMethod.Delete, path);
        Assert.True(status == 200 && deleted.GetProperty("deleted").GetBoolean());
        Assert.Equal((404, 404), ((await server.GetAsync(path)).Status, (await server.GetAsync(path + "/content")).Status));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.FullName, "files")));
    }

    [Theory]
    [InlineData(null, "purpose", "missing_required_parameter")]
    [InlineData("fine-tune", "purpose", "unsupported_parameter")]
    [InlineData("assistants", "purpose", "unsupported_parameter")]
    [InlineData("batch_output", "purpose", "invalid_value")]
    [InlineData("batch", "another", "unsupported_parameter", "another", "1")]
    [InlineData("batch", "expires_after[seconds]", "invalid_value", "expires_after[anchor]", "created_at")]
    [InlineData("batch", "expires_after[anchor]", "invalid_value", "expires_after[seconds]", "7200")]
    [InlineData("batch", "purpose", "invalid_form", "purpose", "batch")]
    [InlineData("batch", "note", "invalid_value", "note", "long")]
    public async Task BadForm_NamesTheField(string? purpose, string parameter, string code, string? field = null, string? value = null)
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);
        (string, string)[] fields = field is null ? [] : [(field, value == "long" ? new string('x', 5000) : value!)];

        (int status, JsonElement body) = await server.UploadAsync(BatchServer.Form("x"u8.ToArray(), purpose, "a.jsonl", fields));

        JsonElement error = body.GetProperty("error");
        Assert.Equal((400, parameter, code), (status, error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.FullName, "files")));
    }

    [Theory]
    [InlineData("application/json", "{}")]
    [InlineData("multipart/form-data", "x")]
    [InlineData("multipart/form-data; boundary=b", "")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nbroken off")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nX\r\n\r\nx\r\n--b--\r\n")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b--\r\n")]
    public async Task WhatIsNoForm_IsRefused(string type, string body)
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);
        using ByteArrayContent content = new(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        (int status, JsonElement answer) = await server.SendAsync(HttpMethod.Post, "/v1/files", content);

        Assert.True(status == 400, answer.GetRawText());
        Assert.Equal(200, (await server.GetAsync("/v1/files")).Status);
        Assert.Equal(0, (await server.GetAsync("/v1/files")).Body.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task LargeFile_PassesTheLimitOfOtherBodies_AndNotItsOwn()
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName, new FileLimits { MaxFileBytes = 20 << 20 });

        (int fits, JsonElement file) = await server.UploadAsync(BatchServer.Form(new byte[20 << 20]));
        (int large, JsonElement refused) = await server.UploadAsync(BatchServer.Form(new byte[(20 << 20) + 1]));

        Assert.Equal((200, 20 << 20), (fits, file.GetProperty("bytes").GetInt64()));
        Assert.Equal((413, "file_too_large"), (large, refused.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_folder.FullName, "files")).Length);
    }

    [Fact]
    public async Task ClientThatLeaves_LeavesNothing()
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);
        using (TcpClient client = new())
        {
            await client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes("POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx" + new string('x', 50_000)),
                TestContext.Current.CancellationToken);
            while (!Directory.Exists(Path.Combine(_folder.FullName, "files")) || Directory.GetFiles(Path.Combine(_folder.FullName, "files")).Length == 0)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }
        }

        while (Directory.GetFiles(Path.Combine(_folder.FullName, "files")).Length > 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, (await server.GetAsync("/v1/files")).Body.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task List_HasPagesAndOutlivesTheServer()
    {
        List<string> ids = [];
        await using (BatchServer first = await BatchServer.StartAsync(_folder.FullName))
        {
            for (int i = 0; i < 5; i++)
            {
                ids.Add(Text((await first.UploadAsync(BatchServer.Form([(byte)i], i == 4 ? "user_data" : "batch"))).Body, "id"));
            }
        }

        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);
        (_, JsonElement all) = await server.GetAsync("/v1/files?order=asc");
        string[] ascending = [.. all.GetProperty("data").EnumerateArray().Select(file => Text(file, "id"))];
        List<string> paged = [];
        for (string after = string.Empty; ;)
        {
            (_, JsonElement page) = await server.GetAsync("/v1/files?limit=2" + after);
            paged.AddRange(page.GetProperty("data").EnumerateArray().Select(file => Text(file, "id")));
            if (!page.GetProperty("has_more").GetBoolean())
            {
                break;
            }

            after = "&after=" + Text(page, "last_id");
        }

        Assert.Equal(ids.Order(), ascending.Order());
        Assert.Equal(ascending.Reverse(), paged);
        Assert.Equal(ids[4], Text(Assert.Single((await server.GetAsync("/v1/files?purpose=user_data")).Body.GetProperty("data").EnumerateArray()), "id"));
        Assert.All(["limit=0", "limit=x", "order=up", "after=file-1"], query => Assert.Equal(400, server.GetAsync("/v1/files?" + query).Result.Status));
    }

    [Theory]
    [InlineData("..%2Fkeys")]
    [InlineData("file-0")]
    [InlineData("file-0123456789ABCDEF0123456789ABCDEF")]
    public async Task OtherNames_AreNoFiles(string id)
    {
        await using BatchServer server = await BatchServer.StartAsync(_folder.FullName);

        (int status, JsonElement body) = await server.GetAsync($"/v1/files/{id}");

        Assert.Equal((404, "file_not_found"), (status, body.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public void Files_GoWhenTheirTimeIsOver_AndWhatWasNeverFinished()
    {
        ManualTime time = new();
        FileFolder files = new(Path.Combine(_folder.FullName, "f"), time);
        FileRecord Add(TimeSpan? lifetime)
        {
            string temporary = files.NewTemporary();
            File.WriteAllText(temporary, "x");
            return files.Add(temporary, new FileRecord(FileFolder.NewId(), "a", "batch", 0, 0, null, null), lifetime);
        }

        FileRecord kept = Add(null);
        FileRecord brief = Add(TimeSpan.FromHours(1));
        FileRecord other = Add(TimeSpan.FromHours(1));
        string temporary = files.NewTemporary();
        File.WriteAllText(temporary, "x");
        File.SetLastWriteTimeUtc(temporary, time.GetUtcNow().UtcDateTime);
        time.Advance(TimeSpan.FromHours(1));

        Assert.Null(files.Find(brief.Id, null));
        Assert.Equal([kept], files.List(null));
        files.Sweep();
        Assert.True(File.Exists(temporary));
        time.Advance(TimeSpan.FromDays(2));
        files.Sweep();
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_folder.FullName, "f")).Length);
        Assert.Null(files.TryOpen(other.Id));
    }

    [Fact]
    public void FullDrive_IsToldAsOne()
    {
        IOException full = new("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);

        StoreException error = Assert.Throws<StoreException>(() => RecordFile.Guard(Path.Combine(_folder.FullName, "x"), () => throw full));

        ApiException told = ErrorTable.Describe(error);
        Assert.Equal((507, "disk_full"), (told.Status, told.Code));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
