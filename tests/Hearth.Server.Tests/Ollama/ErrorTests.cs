namespace Hearth.Server.Tests.Ollama;

/// <summary>Bad input is normal input: each gets Ollama's error object, in its words.</summary>
public sealed class ErrorTests(MixedServer server)
{
    private const string Hi = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    [Theory]
    [InlineData("/api/chat", "", 400, "missing request body")]
    [InlineData("/api/generate", "", 400, "missing request body")]
    [InlineData("/api/chat", "{" + Hi + "}", 400, "model is required")]
    [InlineData("/api/chat", "{\"model\":\"none\"," + Hi + "}", 404, "model 'none' not found")]
    [InlineData("/api/generate", "{\"prompt\":\"hi\"}", 404, "model '' not found")]
    [InlineData("/api/generate", "{\"model\":\"none:7b\",\"prompt\":\"hi\"}", 404, "model 'none:7b' not found")]
    [InlineData("/api/show", "{\"model\":\"none\"}", 404, "model 'none' not found")]
    [InlineData("/api/show", "{}", 404, "model '' not found")]
    [InlineData("/api/embed", "{\"model\":\"none\",\"input\":\"hi\"}", 404, "model \"none\" not found, try pulling it first")]
    [InlineData("/api/embed", "{\"input\":\"hi\"}", 404, "model '' not found")]
    [InlineData("/api/embed", "{\"model\":\"embedder\",\"input\":5}", 400, "invalid input type")]
    [InlineData("/api/embed", "{\"model\":\"embedder\",\"input\":[\"a\",5]}", 400, "invalid input type")]
    [InlineData("/api/embeddings", "{\"prompt\":\"hi\"}", 400, "model is required")]
    [InlineData("/api/chat", "{\"model\":\"embedder\"," + Hi + "}", 400, "\"embedder\" does not support chat")]
    [InlineData("/api/generate", "{\"model\":\"embedder\",\"prompt\":\"hi\"}", 400, "\"embedder\" does not support generate")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"think\":true}", 400, "\"guide\" does not support thinking")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"think\":\"hard\"}", 400, "invalid think value: \"hard\" (must be \"high\", \"medium\", \"low\", \"max\", true, or false)")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"logprobs\":true,\"top_logprobs\":21}", 400, "top_logprobs must be between 0 and 20")]
    [InlineData("/api/generate", "{\"model\":\"guide\",\"prompt\":\"hi\",\"raw\":true,\"system\":\"x\"}", 400, "raw mode does not support template, system, or context")]
    [InlineData("/api/generate", "{\"model\":\"guide\",\"prompt\":\"hi\",\"raw\":true,\"context\":[1]}", 400, "raw mode does not support template, system, or context")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"options\":{\"num_ctx\":\"a\"}}", 400, "option \"num_ctx\" must be of type integer")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"options\":{\"temperature\":\"a\"}}", 400, "option \"temperature\" must be of type float32")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"options\":{\"stop\":5}}", 400, "option \"stop\" must be of type array")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"options\":{\"use_mmap\":1}}", 400, "option \"use_mmap\" must be of type boolean")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"format\":\"xml\"}", 400, "invalid format: \"xml\"; expected \"json\" or a valid JSON Schema object")]
    [InlineData("/api/copy", "{\"source\":\"a\",\"destination\":\"b\"}", 400, "this server serves files only and stores no models")]
    public async Task BadRequest_IsToldInOllamasWords(string path, string json, int status, string message)
    {
        OllamaReply reply = await OllamaClient.PostAsync(server.Client, path, json);

        Assert.Equal((status, message), (reply.Status, reply.Error));
        Assert.Equal("application/json; charset=utf-8", reply.ContentType);
        Assert.Equal(["error"], reply.Body.Names());
    }

    [Theory]
    [InlineData("/api/chat", "{\"model\":\"guide\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\",\"images\":[\"aGk=\"]}]}", "images")]
    [InlineData("/api/generate", "{\"model\":\"guide\",\"prompt\":\"hi\",\"images\":[\"aGk=\"]}", "images")]
    [InlineData("/api/chat", "{\"model\":\"guide\",\"messages\":[{\"role\":\"king\",\"content\":\"hi\"}]}", "role")]
    [InlineData("/api/chat", "{\"model\":\"guide\",\"messages\":[{\"role\":\"user\",\"content\":[]}]}", "content")]
    [InlineData("/api/generate", "{\"model\":\"guide\",\"prompt\":\"hi\",\"format\":{\"type\":\"thing\"}}", "format")]
    [InlineData("/api/chat", "{\"model\":\"guide\",\"messages\":5}", "messages")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"keep_alive\":\"soon\"}", "keep_alive")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"keep_alive\":true}", "keep_alive")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"stream\":\"yes\"}", "stream")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"options\":{\"top_p\":5}}", "top_p")]
    [InlineData("/api/chat", "{\"model\":\"guide\"," + Hi + ",\"tools\":[{\"type\":\"function\"}]}", "function")]
    [InlineData("/api/generate", "{\"model\":\"guide\",\"prompt\":\"hi\",\"context\":[99999999]}", "context")]
    [InlineData("/api/generate", "{\"model\":\"guide\",\"prompt\":\"hi\",\"template\":\"{{ .Prompt\"}", "template error")]
    [InlineData("/api/generate", "{\"model\":\"guide\",\"prompt\":\"\\ud800\"}", "Unicode")]
    [InlineData("/api/chat", "{\"model\":", "JSON")]
    [InlineData("/api/chat", "[]", "object")]
    public async Task BadRequest_NamesWhatIsWrong(string path, string json, string expected)
    {
        OllamaReply reply = await OllamaClient.PostAsync(server.Client, path, json);

        Assert.Equal(400, reply.Status);
        Assert.Contains(expected, reply.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/nothing", 404, "404 page not found")]
    [InlineData("POST", "/api/me", 404, "404 page not found")]
    [InlineData("POST", "/api/experimental/web_search", 404, "404 page not found")]
    [InlineData("POST", "/api/tags", 405, "405 method not allowed")]
    [InlineData("GET", "/api/chat", 405, "405 method not allowed")]
    public async Task Routes_ThatAreNotThereAreTold(string method, string path, int status, string text)
    {
        OllamaReply reply = await OllamaClient.SendAsync(server.Client, new HttpMethod(method), path, method == "POST" ? "{}" : null);

        Assert.Equal((status, "text/plain", text), (reply.Status, reply.ContentType, reply.Text));
    }

    [Theory]
    [InlineData("GET", "/", "text/plain; charset=utf-8", "Ollama is running")]
    [InlineData("HEAD", "/", "text/plain; charset=utf-8", "")]
    [InlineData("GET", "/api/version", "application/json; charset=utf-8", "{\"version\":\"0.33.0\"}")]
    [InlineData("HEAD", "/api/version", "application/json; charset=utf-8", "")]
    [InlineData("HEAD", "/api/tags", "application/json; charset=utf-8", "")]
    public async Task Heartbeats_AreAnswered(string method, string path, string type, string text)
    {
        OllamaReply reply = await OllamaClient.SendAsync(server.Client, new HttpMethod(method), path);

        Assert.Equal((200, type, text), (reply.Status, reply.ContentType, reply.Text));
    }
}
