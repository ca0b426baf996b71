using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hearth.Engine.Adapters;
using Hearth.Engine.Gguf;
using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.OpenAi;

/// <summary>Adapters chosen by a request's <c>lora</c>.</summary>
public sealed class LoraTests(GuideServer guide) : IAsyncLifetime
{
    private readonly string _adapter = Path.GetTempFileName();
    private readonly ModelHost _host = new();
    private WebApplication? _app;
    private HttpClient _client = new();

    public async ValueTask InitializeAsync()
    {
        WriteAdapter();
        ServedModelOptions options = new() { Load = new LanguageModelOptions { Adapters = [new LoraAdapter(_adapter, 2)] } };
        _host.Register(BuiltInModels.Guide, BuiltInModels.Resolve(BuiltInModels.Guide), options);
        _app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse("127.0.0.1:0")] });
        await _app.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app!.DisposeAsync();
        _host.Dispose();
        File.Delete(_adapter);
    }

    [Fact]
    public async Task Scale_IsTheRequests()
    {
        string plain = Text(await guide.PostAsync("/v1/completions", Request("")));

        Assert.Equal(plain, Text(await PostAsync(Request(",\"lora\":[{\"id\":0,\"scale\":0}]"))));
        Assert.Equal(plain, Text(await PostAsync(Request(",\"lora\":[]"))));
        string adapted = Text(await PostAsync(Request("")));
        Assert.NotEqual(plain, adapted);
        Assert.Equal(adapted, Text(await PostAsync(Request(",\"lora\":[{\"id\":0,\"scale\":2}]"))));
    }

    [Theory]
    [InlineData("[{\"id\":1}]", "lora")]
    [InlineData("[{\"scale\":1}]", "lora[0].id")]
    [InlineData("[{\"id\":0,\"rank\":4}]", "lora[0].rank")]
    [InlineData("[{\"id\":0,\"scale\":\"big\"}]", "lora[0].scale")]
    [InlineData("{\"id\":0}", "lora")]
    public async Task BadValue_IsRefused(string value, string parameter)
    {
        (int status, JsonElement body) = await PostAsync(Request($",\"lora\":{value}"));

        Assert.Equal(400, status);
        Assert.Equal(parameter, body.GetProperty("error").GetProperty("param").GetString());
    }

    private static string Request(string more) => $$"""{"prompt":"Hearth is","max_tokens":12,"temperature":0{{more}}}""";

    private static string Text((int Status, JsonElement Body) answer)
    {
        Assert.Equal(200, answer.Status);
        return answer.Body.GetProperty("choices")[0].GetProperty("text").GetString()!;
    }

    private async Task<(int Status, JsonElement Body)> PostAsync(string json)
    {
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _client.PostAsync("/v1/completions", content, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    private void WriteAdapter()
    {
        using GgufFile model = GgufFile.Open(BuiltInModels.Resolve(BuiltInModels.Guide));
        const string Name = "blk.0.ffn_down.weight";
        model.TryGetTensor(Name, out GgufTensor? tensor);
        Random random = new(5);
        float[] Numbers(long count) => [.. Enumerable.Range(0, (int)count).Select(_ => random.NextSingle() - 0.5f)];
        new GgufWriter()
            .Set("general.type", "adapter")
            .Set("general.architecture", "llama")
            .Set("adapter.type", "lora")
            .Set("adapter.lora.alpha", 1f)
            .Add(Name + ".lora_a", [tensor!.Dimensions[0], 1], Numbers(tensor.Dimensions[0]))
            .Add(Name + ".lora_b", [1, tensor.Dimensions[1]], Numbers(tensor.Dimensions[1]))
            .Save(_adapter);
    }
}
