namespace Hearth.EndToEnd.Tests.Observability;

/// <summary>What a server loads to send traces and metrics, which is nothing unless a collector is named.</summary>
public sealed class OpenTelemetryTests
{
    [Fact]
    public async Task WithoutACollector_NothingOfItIsLoaded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux tells what a process has mapped.");
        await using ServerProcess without = await ServerProcess.StartAsync();
        await using ServerProcess with = await ServerProcess.StartAsync("--otlp-endpoint", "http://127.0.0.1:9");

        Assert.DoesNotContain("OpenTelemetry", await MapsAsync(without), StringComparison.Ordinal);
        Assert.Contains("OpenTelemetry.dll", await MapsAsync(with), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddressThatIsNone_IsTold()
    {
        (int code, _, string error) = await HearthProcess.RunAsync(["serve", "--otlp-endpoint", "collector:4318"]);

        Assert.Equal(2, code);
        Assert.Contains("--otlp-endpoint: 'collector:4318' is no address of a collector", error, StringComparison.Ordinal);
    }

    private static async Task<string> MapsAsync(ServerProcess server)
    {
        (await server.Client.GetAsync("/metrics", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        return await File.ReadAllTextAsync($"/proc/{server.Id}/maps", TestContext.Current.CancellationToken);
    }
}
