using System.Net;
using System.Net.Sockets;
using System.Text;
using Hearth.Server.Tests.ModelRunner;

namespace Hearth.Server.Tests.Access;

/// <summary>Names that clients send lead to no file of this machine and to no other machine.</summary>
public sealed class HostileNameTests : IAsyncLifetime
{
    private const string Secret = "secret-of-the-machine";
    private static readonly string[] s_answering = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages", "/v1/rerank", "/api/chat", "/api/generate", "/api/embed", "/api/show", "/completion", "/tokenize", "/infill"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private readonly TcpListener _elsewhere = new(IPAddress.Loopback, 0);
    private StoreServer _server = null!;

    private string Port => ((IPEndPoint)_elsewhere.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync()
    {
        _elsewhere.Start();
        _server = await StoreServer.StartAsync();
        await _server.AddGuideAsync("team/guide");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _elsewhere.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("..\\\\..\\\\etc\\\\passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("team/../../guide")]
    [InlineData("%2e%2e%2fetc%2fpasswd")]
    [InlineData("team/guide:../../x")]
    [InlineData("team/guide@sha256:../../../etc/passwd")]
    [InlineData("sha256:../../etc/passwd")]
    [InlineData("{0}")]
    [InlineData("file://{0}")]
    public async Task ModelOfAPath_IsNoModel(string name)
    {
        string model = name.Replace("{0}", CopyOfTheGuide(), StringComparison.Ordinal);
        foreach (string path in s_answering)
        {
            (int status, string body) = await PostAsync(path, $$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}],"prompt":"x","input":"x","content":"x","query":"x","documents":["x"],"max_tokens":1,"input_prefix":"x","input_suffix":"x"}""");
            Assert.True(status is 400 or 404, $"{path}: {status} {body}");
        }

        foreach ((HttpMethod method, string path) in ((HttpMethod, string)[])[(HttpMethod.Get, "/models/"), (HttpMethod.Delete, "/models/"), (HttpMethod.Get, "/v1/models/"), (HttpMethod.Get, "/engines/_configure?model=")])
        {
            (int status, _) = await _server.SendTextAsync(method, path + Uri.EscapeDataString(model.Replace("\\\\", "\\", StringComparison.Ordinal)), null, "application/json");
            Assert.True(status is 400 or 404, $"{method} {path}: {status}");
        }

        Assert.Single(_server.Store.List());
    }

    [Theory]
    [InlineData("/api/copy", """{"source":"team/guide","destination":"../../../evil"}""")]
    [InlineData("/api/copy", """{"source":"team/guide","destination":"/tmp/evil"}""")]
    [InlineData("/api/create", """{"model":"../../../evil","from":"team/guide"}""")]
    [InlineData("/api/create", """{"model":"evil","from":"../../../etc/passwd"}""")]
    [InlineData("/api/create", """{"model":"evil","from":"{0}"}""")]
    [InlineData("/api/create", """{"model":"evil","from":"./{0}"}""")]
    [InlineData("/api/create", """{"model":"evil","modelfile":"FROM {0}"}""")]
    [InlineData("/api/create", """{"model":"evil","files":{"model.gguf":"../../../etc/passwd"}}""")]
    [InlineData("/api/create", """{"model":"evil","files":{"model.gguf":"sha256:../../../etc/passwd"}}""")]
    [InlineData("/api/create", """{"model":"evil","from":"team/guide","adapters":{"a.gguf":"{0}"}}""")]
    [InlineData("/models/team/guide/tag?repo=..%2F..%2Fevil&tag=x", "{}")]
    [InlineData("/models/team/guide/tag?repo=evil&tag=..%2F..%2Fx", "{}")]
    [InlineData("/models/team/guide/repackage", """{"target":"../../evil","context_size":64}""")]
    [InlineData("/models/create", """{"from":"../../etc/passwd"}""")]
    [InlineData("/models/create", """{"from":"file://{0}"}""")]
    [InlineData("/models/apply", """{"url":"file://{0}"}""")]
    [InlineData("/models/apply", """{"id":"{0}"}""")]
    [InlineData("/engines/_configure", """{"model":"team/guide","runtime-flags":["--lora","{0}"]}""")]
    [InlineData("/engines/_configure", """{"model":"team/guide","raw-runtime-flags":"--chat-template {0}"}""")]
    [InlineData("/engines/_configure", """{"model":"team/guide","raw-runtime-flags":"--prefix-cache {0}"}""")]
    [InlineData("/engines/_configure", """{"model":"team/guide","speculative":{"draft_model":"{0}","num_tokens":2}}""")]
    [InlineData("/v1/completions", """{"model":"team/guide","prompt":"x","lora":[{"id":0,"scale":1,"path":"{0}"}]}""")]
    [InlineData("/v1/completions", """{"model":"team/guide","prompt":"x","lora":[{"path":"{0}"}]}""")]
    public async Task RequestThatNamesAPath_ChangesNothing(string path, string json)
    {
        string[] before = Files();

        (int status, string body) = await PostAsync(path, json.Replace("{0}", CopyOfTheGuide(), StringComparison.Ordinal));

        Assert.True(status is 400 or 404 or 422 || body.Contains("error", StringComparison.Ordinal), $"{status}: {body}");
        Assert.Equal("docker.io/team/guide:latest", Assert.Single(Assert.Single(_server.Store.List()).References).ToString());
        Assert.Equal(before, Files());
    }

    [Theory]
    [InlineData("/api/blobs/sha256:..%2F..%2F..%2Fevil")]
    [InlineData("/api/blobs/sha256:../../evil")]
    [InlineData("/api/blobs/sha256-..%2F..%2Fevil")]
    [InlineData("/api/blobs/..%2Fevil")]
    [InlineData("/api/blobs/sha256:0123456789abcdef%2F..%2F..%2Fevil")]
    public async Task BlobOfAPath_IsNotStored(string path)
    {
        string[] before = Files();

        (int status, string body) = await PostAsync(path, "evil");

        Assert.True(status is 400 or 404 or 405, $"{status}: {body}");
        Assert.Equal(before, Files());
    }

    [Theory]
    [InlineData("/ui/assets/..%2F..%2Fsecret.txt")]
    [InlineData("/ui/assets/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/ui/assets//etc/passwd")]
    [InlineData("/ui/assets/..%5C..%5Csecret.txt")]
    [InlineData("/ui/assets/{0}")]
    [InlineData("/v1/files/..%2F..%2Fsecret.txt/content")]
    [InlineData("/models/..%2F..%2Fsecret.txt/export")]
    [InlineData("/models/jobs/..%2F..%2Fsecret.txt")]
    public async Task PathOfAFile_IsNotSent(string path)
    {
        string secret = Path.Combine(_folder.FullName, "secret.txt");
        await File.WriteAllTextAsync(secret, Secret, TestContext.Current.CancellationToken);

        (int status, string body) = await _server.SendTextAsync(HttpMethod.Get, path.Replace("{0}", Uri.EscapeDataString(secret), StringComparison.Ordinal), null, "*/*");

        Assert.NotEqual(200, status);
        Assert.DoesNotContain(Secret, body, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"{0}"}}]}]}""")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"{0}","format":"wav"}}]}]}""")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"{0}"}}]}]}""")]
    [InlineData("/v1/responses", """{"input":[{"role":"user","content":[{"type":"input_image","image_url":"{0}"}]}]}""")]
    [InlineData("/v1/responses", """{"input":[{"role":"user","content":[{"type":"input_file","file_url":"{0}"}]}]}""")]
    [InlineData("/v1/responses", """{"input":"x","tools":[{"type":"mcp","server_label":"a","server_url":"{0}"}]}""")]
    [InlineData("/v1/responses", """{"input":"x","tools":[{"type":"web_search"}]}""")]
    [InlineData("/v1/messages", """{"max_tokens":4,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"{0}"}}]}]}""")]
    [InlineData("/v1/messages", """{"max_tokens":4,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"url","url":"{0}"}}]}]}""")]
    [InlineData("/v1/messages", """{"max_tokens":4,"mcp_servers":[{"type":"url","url":"{0}","name":"a"}],"messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("/api/chat", """{"messages":[{"role":"user","content":"x","images":["{0}"]}]}""")]
    [InlineData("/api/generate", """{"prompt":"x","images":["{0}"]}""")]
    [InlineData("/completion", """{"prompt":{"prompt_string":"x","multimodal_data":["{0}"]}}""")]
    public async Task AddressInARequest_IsRefusedAndNotAsked(string path, string json)
    {
        foreach (string address in (string[])[$"http://127.0.0.1:{Port}/x.png", "http://169.254.169.254/latest/meta-data", "https://example.com/x.png", "file:///etc/passwd"])
        {
            string body = json.Replace("{0}", address, StringComparison.Ordinal);
            (int status, string answer) = await PostAsync(path, $$"""{"model":"team/guide",{{body[1..]}}""");

            Assert.True(status is 400 or 422, $"{status}: {answer}");
        }

        Assert.False(_elsewhere.Pending());
    }

    // A model that could be used, where it was let in.
    private string CopyOfTheGuide()
    {
        string copy = Path.Combine(_folder.FullName, "guide.gguf");
        File.Copy(BuiltInModels.Resolve(BuiltInModels.Guide), copy, overwrite: true);
        return copy;
    }

    // Whatever is in the store's folder and in the one around it.
    private string[] Files() =>
        [.. Directory.EnumerateFiles(Path.GetDirectoryName(_server.Store.Folder)!, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private async Task<(int Status, string Body)> PostAsync(string path, string json)
    {
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _server.Client.PostAsync(path, content, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
