using System.Collections.Concurrent;
using System.Text;
using Hearth.Server.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Hearth.Server.Tests.Observability;

/// <summary>What is sent to a collector, which is nothing unless one is named.</summary>
public sealed class OtlpTests : IAsyncDisposable
{
    private const string Secret = "xylophone-8472";
    private readonly ConcurrentQueue<(string Path, string Type, byte[] Body)> _received = [];
    private readonly WebApplication _collector;

    public OtlpTests()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _collector = builder.Build();
        _collector.Run(async context =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            _received.Enqueue((context.Request.Path, context.Request.ContentType ?? string.Empty, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        });
    }

    public ValueTask DisposeAsync() => _collector.DisposeAsync();

    [Fact]
    public async Task WithoutACollector_NobodyListens()
    {
        await using MetricsServer server = await MetricsServer.StartAsync();
        await server.ChatAsync("/v1/chat/completions");

        Assert.False(GenAiTelemetry.Source.HasListeners());
        Assert.Null(server.App.Services.GetService(typeof(OtlpExport)));
        Assert.False(GenAiTelemetry.IsMetered);
    }

    [Fact]
    public async Task Collector_GetsSpansAndMetricsWithoutWords()
    {
        await _collector.StartAsync(TestContext.Current.CancellationToken);
        string trace = "0af7651916cd43dd8448eb211c80319c";
        await using (MetricsServer server = await MetricsServer.StartAsync(new HearthServerOptions { Otlp = new OtlpOptions(new Uri(_collector.Urls.First())) }))
        {
            Assert.True(GenAiTelemetry.Source.HasListeners());
            server.Client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
            await server.ChatAsync("/v1/chat/completions", new { messages = new[] { new { role = "user", content = $"Say {Secret}." } }, stop = (string[])[Secret], user = Secret, temperature = 0.25, max_tokens = 7 });
            await server.PostAsync("/v1/chat/completions", new { model = Secret, messages = new[] { new { role = "user", content = Secret } } });
        }

        string Sent(string path) => string.Concat(_received.Where(message => message.Path == path).Select(message => Encoding.Latin1.GetString(message.Body)));
        Assert.All(_received, message => Assert.Equal("application/x-protobuf", message.Type));
        string spans = Sent("/v1/traces");
        string metrics = Sent("/v1/metrics");
        foreach (string expected in (string[])["chat guide", "gen_ai.operation.name", "gen_ai.request.model", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.request.temperature", "gen_ai.response.finish_reasons", "length", "error.type", "model_not_found", "service.name", "hearth"])
        {
            Assert.Contains(expected, spans, StringComparison.Ordinal);
        }

        Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString(trace)), spans, StringComparison.Ordinal);
        foreach (string expected in (string[])["gen_ai.client.operation.duration", "gen_ai.client.token.usage", "gen_ai.server.time_to_first_token", "gen_ai.server.time_per_output_token", "gen_ai.server.request.duration", "hearth_requests_total", "hearth_steps_total", "hearth_memory_limit_bytes"])
        {
            Assert.Contains(expected, metrics, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Secret, spans + metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("xylophone", spans + metrics, StringComparison.OrdinalIgnoreCase);
        Assert.False(GenAiTelemetry.Source.HasListeners());
    }

    [Fact]
    public async Task CollectorThatIsNotThere_HurtsNobody()
    {
        await using MetricsServer server = await MetricsServer.StartAsync(new HearthServerOptions { Otlp = new OtlpOptions(new Uri("http://127.0.0.1:9")) });

        Assert.Equal("chat.completion", (await server.ChatAsync("/v1/chat/completions")).GetProperty("object").GetString());
    }

    [Fact]
    public void Options_ComeFromTheEnvironment()
    {
        static OtlpOptions? Read(string? endpoint, params (string Name, string Value)[] variables) =>
            OtlpOptions.Read(endpoint, name => variables.FirstOrDefault(variable => variable.Name == name).Value);

        Assert.Null(Read(null));
        Assert.Null(Read(null, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), ("OTEL_SDK_DISABLED", "true")));
        Assert.Equal(new OtlpOptions(new Uri("http://c:4318")), Read(null, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318")));
        Assert.Equal(new OtlpOptions(new Uri("http://d:4317")) { UsesGrpc = true }, Read("http://d:4317", ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")));
        Assert.Throws<FormatException>(() => Read("collector:4318"));
        Assert.Throws<FormatException>(() => Read("http://c:4318", ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")));
    }
}
