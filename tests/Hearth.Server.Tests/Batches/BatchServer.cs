using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Server.Access;
using Hearth.Server.Files;
using Hearth.Server.Hosting;
using Hearth.Tests;

namespace Hearth.Server.Tests.Batches;

/// <summary>A server that keeps files and batches in a folder, with the stories model.</summary>
internal sealed class BatchServer(string folder) : TestServer
{
    public const string Completions = "/v1/completions";

    public FileLimits Limits { get; init; } = new();

    public AccessOptions Access { get; init; } = new();

    public int Parallel { get; init; } = 4;

    public ModelHost Models => Host;

    protected override HearthServerOptions Options => base.Options with { DataFolder = folder, Files = Limits, Access = Access };

    public static async Task<BatchServer> StartAsync(string folder, FileLimits? limits = null, AccessOptions? access = null, int parallel = 4)
    {
        BatchServer server = new(folder) { Limits = limits ?? new FileLimits(), Access = access ?? new AccessOptions(), Parallel = parallel };
        await server.InitializeAsync();
        return server;
    }

    /// <summary>A line that asks for a completion.</summary>
    public static string Line(string id, string fields, string url = Completions) => $$$"""{"custom_id":"{{{id}}}","method":"POST","url":"{{{url}}}","body":{{{{fields}}}}}""";

    /// <summary>The form of a file.</summary>
    public static MultipartFormDataContent Form(byte[] content, string? purpose = "batch", string name = "lines.jsonl", params (string Name, string Value)[] fields)
    {
        MultipartFormDataContent form = new() { { new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue("application/jsonl") } }, "file", name } };
        foreach ((string field, string value) in purpose is null ? fields : [("purpose", purpose), .. fields])
        {
            form.Add(new StringContent(value), field);
        }

        return form;
    }

    public async Task<(int Status, JsonElement Body)> UploadAsync(HttpContent form, string path = "/v1/files", string? key = null)
    {
        using (form)
        {
            return await SendAsync(HttpMethod.Post, path, form, key);
        }
    }

    public Task<(int Status, JsonElement Body)> GetAsync(string path, string? key = null) => SendAsync(HttpMethod.Get, path, null, key);

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? key = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <summary>Sends a file of lines and makes a batch of it.</summary>
    public async Task<JsonElement> CreateAsync(IEnumerable<string> lines, string url = Completions, string more = "", string? key = null) =>
        await CreateAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"), url, more, key);

    public async Task<JsonElement> CreateAsync(byte[] lines, string url = Completions, string more = "", string? key = null)
    {
        (int status, JsonElement file) = await UploadAsync(Form(lines), key: key);
        Assert.True(status == 200, file.GetRawText());
        using StringContent body = new($$"""{"input_file_id":"{{Text(file, "id")}}","endpoint":"{{url}}","completion_window":"24h"{{more}}}""");
        (status, JsonElement batch) = await SendAsync(HttpMethod.Post, "/v1/batches", body, key);
        Assert.True(status == 200, batch.GetRawText());
        return batch;
    }

    /// <summary>Waits until a batch is at its end.</summary>
    public Task<JsonElement> EndAsync(JsonElement batch, string? key = null) =>
        UntilAsync(batch, found => Text(found, "status") is "completed" or "failed" or "expired" or "cancelled", key);

    /// <summary>Waits until something is true of a batch.</summary>
    public async Task<JsonElement> UntilAsync(JsonElement batch, Func<JsonElement, bool> isTrue, string? key = null)
    {
        while (true)
        {
            (int status, JsonElement found) = await GetAsync($"/v1/batches/{Text(batch, "id")}", key);
            Assert.True(status == 200, found.GetRawText());
            if (isTrue(found))
            {
                return found;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The lines of a file by their <c>custom_id</c>, each once.</summary>
    public async Task<Dictionary<string, JsonElement>> LinesAsync(JsonElement batch, string file)
    {
        using HttpResponseMessage response = await Client.GetAsync(new Uri($"/v1/files/{Text(batch, file)}/content", UriKind.Relative), TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToDictionary(line => Text(line, "custom_id"));
    }

    public static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    protected override void AddModels(ModelHost host) => host.Register("stories", Golden.Path("stories", "stories260K.gguf"), new ServedModelOptions
    {
        Load = new LanguageModelOptions { Threads = 2, Parallel = Parallel, ContextLength = 512, Speculation = new SpeculationOptions { PromptLookup = false } },
    });
}
