using System.Net.Http.Json;
using System.Text.Json;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.Hosting;

public sealed class StatusRouteTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private readonly ModelHost _host = new(new ModelHostOptions { MemoryBytes = 4L << 30 });
    private readonly HttpClient _client = new();
    private WebApplication? _app;

    private string ModelPath => Path.Combine(_folder.FullName, "model.gguf");

    public async ValueTask InitializeAsync()
    {
        File.Copy(BuiltInModels.Resolve(BuiltInModels.Guide), ModelPath);
        _host.Register("model", ModelPath);
        _app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse("127.0.0.1:0")] });
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app!.DisposeAsync();
        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task AModelThatCannotBeLoaded_IsToldUntilItCan()
    {
        byte[] whole = await File.ReadAllBytesAsync(ModelPath, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(ModelPath, whole[..1000], TestContext.Current.CancellationToken);

        Assert.Equal(500, await AskAsync());
        JsonElement failure = Assert.Single((await StatusAsync()).GetProperty("failed_loads").EnumerateArray());
        Assert.Equal("model", failure.GetProperty("model").GetString());
        Assert.NotEmpty(failure.GetProperty("message").GetString()!);
        Assert.InRange(failure.GetProperty("at").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);

        await File.WriteAllBytesAsync(ModelPath, whole, TestContext.Current.CancellationToken);
        Assert.Equal(200, await AskAsync());
        Assert.Empty((await StatusAsync()).GetProperty("failed_loads").EnumerateArray());
    }

    [Fact]
    public async Task WhatIsLoaded_IsTold()
    {
        Assert.Equal(200, await AskAsync());

        JsonElement status = await StatusAsync();

        Assert.Equal((4L << 30, _host.UsedBytes), (status.GetProperty("memory_bytes").GetInt64(), status.GetProperty("used_bytes").GetInt64()));
        JsonElement queue = Assert.Single(status.GetProperty("models").EnumerateArray());
        Assert.Equal(("model", 0, 256), (queue.GetProperty("model").GetString(), queue.GetProperty("waiting").GetInt32(), queue.GetProperty("max_waiting").GetInt32()));
        Assert.Equal((0, 512), (status.GetProperty("waiting").GetInt32(), status.GetProperty("max_waiting").GetInt32()));
    }

    private Task<JsonElement> StatusAsync() => _client.GetFromJsonAsync<JsonElement>("/status", TestContext.Current.CancellationToken);

    private async Task<int> AskAsync()
    {
        using HttpResponseMessage response = await _client.PostAsJsonAsync("/v1/completions", new { prompt = "Hearth", max_tokens = 2 }, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
