using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Hearth.EndToEnd.Tests;

/// <summary><c>hearth configure</c>, and what the other commands make of it.</summary>
public sealed class ConfigureTests : IDisposable
{
    private readonly TemporaryFiles _home = new();

    private string Home => _home.Combine(".");

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Settings_AreShownServedAndTakenBack()
    {
        (int code, string shown, string error) = await RunAsync("configure", "guide", "--ctx-size", "256", "--temp", "0", "--keep-alive", "20m");
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Matches(@"ctx-size +256 +settings", shown);
        Assert.Matches(@"temp +0 +settings", shown);
        Assert.Matches(@"top-k +40 +default", shown);
        Assert.Matches(@"memory +[\d.]+ MiB +weights", shown);

        (_, string inspected, _) = await RunAsync("inspect", "guide");
        Assert.Matches(@"ctx-size +256 +settings", inspected);
        await using (ServerProcess server = await ServerProcess.StartInAsync(Home))
        {
            Assert.Equal(256, await ContextAsync(server));

            // A running server takes what is set later, too.
            await RunAsync("configure", "guide", "--ctx-size", "128");
            await CompleteAsync(server);
            Assert.Equal(128, await ContextAsync(server));
        }

        await using (ServerProcess server = await ServerProcess.StartInAsync(Home, "-c", "512"))
        {
            Assert.Equal(512, await ContextAsync(server));
        }

        (_, string rest, _) = await RunAsync("configure", "guide", "--unset", "ctx-size", "--unset", "temp");
        Assert.Matches(@"ctx-size +1024 +the model", rest);
        Assert.Matches(@"temp +0.8 +default", rest);
        Assert.Matches(@"keep-alive +20m +settings", rest);
    }

    [Fact]
    public async Task Run_UsesTheSettings()
    {
        await RunAsync("configure", "guide", "--ctx-size", "8");

        (int code, _, string error) = await RunAsync("run", "guide", "one two three four five six seven");

        Assert.Equal(1, code);
        Assert.Contains("the context in force holds 8", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BrokenFile_IsNamedAndStays()
    {
        string path = _home.Write("settings.json", "not JSON"u8);

        foreach (string[] arguments in (string[][])[["configure", "guide", "--temp", "1"], ["serve", "--listen", "127.0.0.1:0"], ["run", "guide", "hi"]])
        {
            (int code, string output, string error) = await RunAsync(arguments);

            Assert.Equal((1, string.Empty), (code, output));
            Assert.Matches(@"^hearth: The settings file '.*settings\.json' is not valid JSON: .+ Repair it, or move it away to begin with none\.\r?\n$", error);
        }

        Assert.Equal("not JSON", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(2, "'--ctx-size' must be at least 1, not 0", "configure", "guide", "--ctx-size", "0")]
    [InlineData(2, "'colour' is not a setting; there are ctx-size,", "configure", "guide", "--unset", "colour")]
    [InlineData(2, "'--keep-alive' is refused: 'soon' is not a duration", "configure", "guide", "--keep-alive", "soon")]
    [InlineData(3, "does not exist", "configure", "missing.gguf", "--ctx-size", "5")]
    [InlineData(3, "does not exist", "configure", "guide", "--draft", "missing.gguf")]
    public async Task Mistake_IsOneLineAndSetsNothing(int expected, string message, params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync(arguments);

        Assert.Equal((expected, string.Empty), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.False(File.Exists(_home.Combine("settings.json")));
    }

    private static async Task<int> ContextAsync(ServerProcess server) =>
        (await server.Client.GetFromJsonAsync<JsonElement>("/props", TestContext.Current.CancellationToken)).GetProperty("default_generation_settings").GetProperty("n_ctx").GetInt32();

    private static async Task CompleteAsync(ServerProcess server)
    {
        using StringContent content = new("""{"prompt":"Hearth","max_tokens":2}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await server.Client.PostAsync("/v1/completions", content, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => HearthProcess.RunAsync(arguments, home: Home);
}
