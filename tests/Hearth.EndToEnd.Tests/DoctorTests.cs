using System.Text.Json;

namespace Hearth.EndToEnd.Tests;

public sealed class DoctorTests
{
    [Fact]
    public async Task ARunningServer_IsFoundWell()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();

        (int code, string output, string error) = await HearthProcess.RunAsync(["doctor", server.Host, "--json"]);

        Assert.Equal((0, string.Empty), (code, error));
        using JsonDocument findings = JsonDocument.Parse(output);
        Dictionary<string, string> states = findings.RootElement.EnumerateArray().ToDictionary(finding => finding.GetProperty("name").GetString()!, finding => finding.GetProperty("state").GetString()!);
        Assert.All(["reachable", "models", "chat", "usage", "stream", "logprobs", "schema"], name => Assert.Equal("ok", states[name]));
    }
}
