using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Scheduling;
using Hearth.Server.Files;
using Hearth.Server.Hosting;
using Hearth.Server.Models;
using Hearth.Server.Settings;
using Hearth.Store;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;
using Hearth.Store.Tests.Fakes;
using Hearth.Tests;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.Fields;

/// <summary>A server with everything that requests can be about: models of each kind, a store, settings, and a registry.</summary>
public sealed class FieldServer : IAsyncLifetime
{
    /// <summary>A small model that thinks, knows tools and fills gaps, and says little.</summary>
    public const string Model = "m";

    /// <summary>A stored model.</summary>
    public const string Stored = "stored";

    private const string Template =
        """
        {%- for tool in tools %}{{ '[tool]' + tool | tojson }}{% endfor -%}
        {%- for message in messages -%}
        {{- '[' + message.role + ']' + message.content -}}
        {%- for call in message.tool_calls -%}{{- '<tool_call>' + call.function.name + call.function.arguments | tojson + '</tool_call>' -}}{%- endfor -%}
        {%- endfor -%}
        {#- <think></think> -#}
        """;

    private const int ContextLength = 1024;
    private const string BatchLine = """{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"a"}],"max_tokens":1}}""";
    private static readonly string[] s_changing = ["STORED", "REGISTRY", "RESPONSE", "ITEM", "FILE", "BATCH"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private FakeRegistry _registry = null!;
    private ModelStore _store = null!;
    private StoredModel _stored = null!;
    private ModelHost _host = null!;
    private readonly SemaphoreSlim _preparing = new(1);
    private readonly ConcurrentDictionary<string, string> _kept = new();
    private string _digest = string.Empty;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>The server itself.</summary>
    public WebApplication App { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await FakeRegistry.StartAsync();
        RegistryOptions registries = new()
        {
            DefaultRegistry = _registry.Host,
            HuggingFace = _registry.Address,
            Ollama = _registry.Address,
            DockerHub = _registry.Address,
            DockerHubSearch = _registry.Address,
            Retries = 0,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            DockerConfigFolder = File("docker"),
        };
        _store = StoreFactory.Open(File("models"), registries);
        _host = new ModelHost(new ModelHostOptions { Store = _store, Settings = new SettingsStore(File("settings.json")), MemoryBytes = 2L << 30, MaxWait = TimeSpan.FromSeconds(5) });
        string path = ScriptedModel.Write(
            File("m.gguf"), "Hm.\n</think>\n\nYes, it is.", Template, "<think>", "</think>", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>");
        ServedModelOptions options = new() { Load = new LanguageModelOptions { ContextLength = ContextLength, Threads = 1, Parallel = 8 }, MaxTokens = 4 };
        _host.Register(Model, path, options);
        System.IO.File.Copy(path, File("twin.gguf"));
        _host.Register("twin", File("twin.gguf"), options);
        _host.Register("embedder", TinyBert.WriteEmbedder(File("embedder.gguf")));
        _host.Register("reranker", TinyBert.WriteReranker(File("reranker.gguf")));
        byte[] weights = await System.IO.File.ReadAllBytesAsync(path);
        _registry.AddModel("team/there", "latest", weights);
        _stored = await _store.PackageAsync(new PackageRequest { Gguf = path, Created = DateTimeOffset.UnixEpoch }, ModelReference.Parse(Stored), null, default);
        _digest = _store.GetManifest(_stored).Layers[0].Digest.ToString();
        App = HearthServer.Create(_host, new HearthServerOptions
        {
            Listen = [ListenAddress.Parse("127.0.0.1:0")],
            DataFolder = File("home"),
            Files = new FileLimits { MaxBatches = int.MaxValue },
        });
        await App.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(App.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
        await PrepareAsync();
        _kept["JOB"] = (await PostAsync("/models/apply", Json($$"""{"id":"{{_registry.Host}}/team/there"}"""))).GetProperty("uuid").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await HearthServer.StopAsync(App);
        await App.DisposeAsync();
        _host.Dispose();
        _preparing.Dispose();
        await _registry.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Whether a text names something that requests need and other requests take away.</summary>
    internal static bool NamesKept(string? text) => text is not null && Array.Exists(s_changing, name => text.Contains(name, StringComparison.Ordinal));

    /// <summary>Puts everything that requests are about in its place again, whatever others have done to it.</summary>
    public async Task PrepareAsync()
    {
        await _preparing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await PrepareStoreAsync();
            if (!await IsThereAsync("/v1/responses", "RESPONSE"))
            {
                // Others remove what they know of.
                string id = (await PostAsync("/v1/responses", Json("""{"model":"m","input":"a","max_output_tokens":1}"""))).GetProperty("id").GetString()!;
                JsonElement items = JsonElement.Parse(await Client.GetStringAsync($"/v1/responses/{id}/input_items", TestContext.Current.CancellationToken));
                (_kept["RESPONSE"], _kept["ITEM"]) = (id, items.GetProperty("first_id").GetString()!);
            }

            if (!await IsThereAsync("/v1/files", "FILE"))
            {
                _kept["FILE"] = await UploadAsync();
            }

            if (!await IsThereAsync("/v1/batches", "BATCH"))
            {
                string request = $$"""{"input_file_id":"{{await UploadAsync()}}","endpoint":"/v1/chat/completions","completion_window":"24h"}""";
                _kept["BATCH"] = (await PostAsync("/v1/batches", Json(request))).GetProperty("id").GetString()!;
            }
        }
        finally
        {
            _preparing.Release();
        }
    }

    private async Task<string> UploadAsync()
    {
        using MultipartFormDataContent form = new() { { new StringContent("batch"), "purpose" }, { new StringContent(BatchLine), "file", "a.jsonl" } };
        return (await PostAsync("/v1/files", form)).GetProperty("id").GetString()!;
    }

    /// <summary>Puts in what names stand for.</summary>
    public string Fill(string text) => _kept.Aggregate(
        text.Replace("REGISTRY", _registry.Host, StringComparison.Ordinal).Replace("STORED", Stored, StringComparison.Ordinal),
        (filled, kept) => filled.Replace(kept.Key, kept.Value, StringComparison.Ordinal));

    /// <summary>Puts strings in where names stand for them.</summary>
    public string FillJson(string json) => Fill(_kept.Keys.Append("STORED").Aggregate(json, (quoted, name) => quoted.Replace(name, $"\"{name}\"", StringComparison.Ordinal)))
        .Replace("MODEL", $"\"{Model}\"", StringComparison.Ordinal).Replace("DIGEST", $"\"{_digest}\"", StringComparison.Ordinal);

    /// <summary>Asks.</summary>
    internal async Task<(int Status, string Text)> SendAsync(FieldRoute route, FieldRequest request)
    {
        if (route.ChangesStore)
        {
            await PrepareAsync();
        }

        using HttpRequestMessage message = new(new HttpMethod(route.Method), request.Path)
        {
            Content = request.Json is null ? null : route.IsForm ? Form(request.Json) : Json(request.Json),
        };
        using HttpResponseMessage response = await Client.SendAsync(message, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if (route.Method == "DELETE")
        {
            await PrepareAsync();
        }

        return ((int)response.StatusCode, text);
    }

    /// <summary>What an error says, and the field that it blames where its shape has that.</summary>
    public static (string Message, string? Parameter) ReadError(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement error = document.RootElement.GetProperty("error");
        return error.ValueKind == JsonValueKind.String ? (error.GetString()!, null)
            : (error.GetProperty("message").GetString()!, error.TryGetProperty("param", out JsonElement parameter) ? parameter.GetString() : null);
    }

    private async Task PrepareStoreAsync()
    {
        if (_store.List().All(model => model.Id != _stored.Id))
        {
            _stored = await _store.PackageAsync(new PackageRequest { Gguf = File("m.gguf"), Created = DateTimeOffset.UnixEpoch }, _store.ParseReference(Stored), null, default);
        }

        foreach (string name in (string[])[Stored, $"{_registry.Host}/team/mine"])
        {
            _store.Tag(_stored, _store.ParseReference(name));
        }
    }

    private async Task<bool> IsThereAsync(string folder, string name)
    {
        if (!_kept.TryGetValue(name, out string? id))
        {
            return false;
        }

        using HttpResponseMessage response = await Client.GetAsync($"{folder}/{id}", TestContext.Current.CancellationToken);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Posts what must be taken.</summary>
    public async Task<JsonElement> PostAsync(string path, HttpContent content)
    {
        using HttpResponseMessage response = await Client.PostAsync(path, content, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    /// <summary>A body of JSON.</summary>
    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    // Each field is a part; what is no text stands in it as JSON. One that is null is left out.
    private static MultipartFormDataContent Form(string json)
    {
        MultipartFormDataContent form = [];
        foreach ((string name, JsonNode? value) in JsonNode.Parse(json)!.AsObject().Where(field => field.Value is not null))
        {
            string text = value!.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
            if (name == "file")
            {
                form.Add(new StringContent(text), name, "a.jsonl");
            }
            else
            {
                form.Add(new StringContent(text), name);
            }
        }

        return form;
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);
}
