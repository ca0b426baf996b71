using System.Text.Json;
using Hearth.Cli.Configuration;

namespace Hearth.Cli.Tests.Configuration;

public sealed class ConfigCommandTests : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("listen", "127.0.0.1:12434", "default", null)]
    [InlineData("listen", "0.0.0.0:1, unix:/a", "environment", "HEARTH_LISTEN", "HEARTH_LISTEN=0.0.0.0:1, unix:/a", "OLLAMA_HOST=0.0.0.0")]
    [InlineData("listen", "0.0.0.0:11434", "environment", "OLLAMA_HOST", "OLLAMA_HOST=\"0.0.0.0\"")]
    [InlineData("listen", "*:12434", "environment", "MODEL_RUNNER_PORT", "MODEL_RUNNER_PORT=12434", "MODEL_RUNNER_SOCK=/run/a.sock")]
    [InlineData("listen", "unix:/run/a.sock", "environment", "MODEL_RUNNER_SOCK", "MODEL_RUNNER_SOCK=/run/a.sock")]
    [InlineData("listen", "[::1]:8081", "environment", "LLAMA_ARG_HOST", "LLAMA_ARG_HOST=::1", "LLAMA_ARG_PORT=8081")]
    [InlineData("listen", "127.0.0.1:8081", "environment", "LLAMA_ARG_PORT", "LLAMA_ARG_PORT=8081")]
    [InlineData("host", "http://127.0.0.1:11434", "environment", "OLLAMA_HOST", "OLLAMA_HOST=0.0.0.0")]
    [InlineData("host", "127.0.0.1:99", "environment", "HEARTH_LISTEN", "HEARTH_LISTEN=*:99", "OLLAMA_HOST=0.0.0.0")]
    [InlineData("host", "http://localhost:1", "environment", "MODEL_RUNNER_HOST", "MODEL_RUNNER_HOST=http://localhost:1")]
    [InlineData("keep-alive", "5m", "default", null)]
    [InlineData("keep-alive", "42", "environment", "OLLAMA_KEEP_ALIVE", "OLLAMA_KEEP_ALIVE=42")]
    [InlineData("keep-alive", "1h", "environment", "HEARTH_KEEP_ALIVE", "OLLAMA_KEEP_ALIVE=42", "HEARTH_KEEP_ALIVE=1h")]
    [InlineData("parallel", "3", "environment", "OLLAMA_NUM_PARALLEL", "OLLAMA_NUM_PARALLEL=3")]
    [InlineData("parallel", "2", "environment", "LLAMA_ARG_N_PARALLEL", "LLAMA_ARG_N_PARALLEL=2")]
    [InlineData("max-models", "as many as the memory holds", "default", null, "OLLAMA_MAX_LOADED_MODELS=0")]
    [InlineData("max-models", "2", "environment", "OLLAMA_MAX_LOADED_MODELS", "OLLAMA_MAX_LOADED_MODELS=2")]
    [InlineData("max-queue", "7", "environment", "OLLAMA_MAX_QUEUE", "OLLAMA_MAX_QUEUE=7")]
    [InlineData("allow-origin", "https://a.example, https://b.example", "environment", "OLLAMA_ORIGINS", "OLLAMA_ORIGINS=https://a.example,https://b.example")]
    [InlineData("allow-origin", "https://a.example", "environment", "DMR_ORIGINS", "DMR_ORIGINS=https://a.example")]
    [InlineData("ctx-size", "4096", "environment", "OLLAMA_CONTEXT_LENGTH", "OLLAMA_CONTEXT_LENGTH=4096")]
    [InlineData("ctx-size", "8192", "environment", "LLAMA_ARG_CTX_SIZE", "OLLAMA_CONTEXT_LENGTH=0", "LLAMA_ARG_CTX_SIZE=8192")]
    [InlineData("metrics", "off", "environment", "DISABLE_METRICS", "DISABLE_METRICS=1")]
    [InlineData("api-key", "set", "environment", "HEARTH_API_KEY", "HEARTH_API_KEY=verysecret")]
    [InlineData("api-key", "set", "environment", "LLAMA_API_KEY", "LLAMA_API_KEY=verysecret")]
    [InlineData("api-key", "not set", "default", null)]
    public async Task Config_SaysWhereAValueIsFrom(string name, string value, string source, string? origin, params string[] variables)
    {
        using JsonDocument settings = JsonDocument.Parse(await _cli.With(variables).OutputOfAsync("config", "--json"));

        JsonElement setting = Assert.Single(settings.RootElement.EnumerateArray(), setting => setting.GetProperty("name").GetString() == name);
        Assert.Equal((value, source, origin), (setting.GetProperty("value").GetString(), setting.GetProperty("source").GetString(), setting.GetProperty("origin").GetString()));
        Assert.DoesNotContain("verysecret", settings.RootElement.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HEARTH_LISTEN", "here")]
    [InlineData("OLLAMA_HOST", ":66000")]
    [InlineData("MODEL_RUNNER_PORT", "many")]
    [InlineData("LLAMA_ARG_PORT", "70000")]
    [InlineData("HEARTH_MEMORY", "much")]
    [InlineData("OLLAMA_MAX_LOADED_MODELS", "-2")]
    [InlineData("HEARTH_PRELOAD", "maybe")]
    [InlineData("HEARTH_ALIAS", "gpt-4")]
    [InlineData("HEARTH_SHUTDOWN_TIMEOUT", "soon")]
    [InlineData("OLLAMA_ORIGINS", "not an origin")]
    [InlineData("DISABLE_METRICS", "perhaps")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere")]
    [InlineData("OLLAMA_NUM_PARALLEL", "0")]
    [InlineData("OLLAMA_KEEP_ALIVE", "a while")]
    [InlineData("OLLAMA_KV_CACHE_TYPE", "q3_0")]
    [InlineData("LLAMA_ARG_CTX_SIZE", "-5")]
    [InlineData("LLAMA_API_KEY", "one,two")]
    public async Task Serve_NamesAVariableThatIsWrong(string variable, string value)
    {
        (int code, _, string error) = await _cli.With($"{variable}={value}").RunAsync("serve", "guide");

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(variable, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PrintConfig_PutsOptionsOverTheEnvironmentOverTheFile()
    {
        await _cli.OutputOfAsync("config", "--set", "listen=127.0.0.1:1", "--set", "memory=2G", "--set", "max-models=3", "--set", "allow-host=a", "--set", "allow-host=b");
        string output = await _cli.With("HEARTH_LISTEN=127.0.0.1:2", "HEARTH_MEMORY=3G").OutputOfAsync("serve", "--listen", "127.0.0.1:3", "--no-speculation", "--preload", "--print-config");

        string file = _cli.Combine("settings.json");
        Assert.Matches(@"(?m)^listen +127\.0\.0\.1:3 +--listen$", output);
        Assert.Matches(@"(?m)^memory +3G +HEARTH_MEMORY$", output);
        Assert.Matches($@"(?m)^max-models +3 +{file}, 'max-models'$", output);
        Assert.Matches($@"(?m)^allow-host +a, b +{file}, 'allow-host'$", output);
        Assert.Matches(@"(?m)^speculation +off +--no-speculation$", output);
        Assert.Matches(@"(?m)^preload +on +--preload$", output);
    }

    [Fact]
    public async Task Set_KeepsWhatIsSetForModels()
    {
        _cli.Write("settings.json", """{"models": {"guide": {"temp": "0"}}}""");
        await _cli.OutputOfAsync("config", "--set", "memory=2G");
        await _cli.OutputOfAsync("config", "--unset", "memory", "--set", "preload=on");

        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(_cli.Combine("settings.json")));
        Assert.Equal("""{"guide":{"temp":"0"}}""", JsonSerializer.Serialize(file.RootElement.GetProperty("models")));
        Assert.Equal("""{"preload":"on"}""", JsonSerializer.Serialize(file.RootElement.GetProperty("server")));
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("memory=much")]
    [InlineData("nothing=1")]
    [InlineData("api-key=secret")]
    public async Task Set_RefusesWhatMakesNoSense(string text)
    {
        (int code, _, string error) = await _cli.RunAsync("config", "--set", text);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(text.Split('=')[0], error, StringComparison.Ordinal);
        Assert.False(File.Exists(_cli.Combine("settings.json")));
    }

    [Theory]
    [InlineData("""{"server": {"listn": "127.0.0.1:1"}}""", "listn")]
    [InlineData("""{"server": {"listen": "here"}}""", "listen")]
    public async Task Serve_NamesAnEntryOfTheFileThatIsWrong(string text, string name)
    {
        _cli.Write("settings.json", text);

        (int code, _, string error) = await _cli.RunAsync("serve", "guide");

        Assert.NotEqual(ExitCode.Success, code);
        Assert.Contains($"'{name}'", error, StringComparison.Ordinal);
        Assert.Contains("settings.json", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_AsksWhereTheFileSaysThatTheServerListens()
    {
        _cli.Write("settings.json", """{"server": {"listen": ["0.0.0.0:1"]}}""");

        (_, _, string error) = await _cli.RunAsync("status");

        Assert.Contains("127.0.0.1:1 ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_AreEachForOneThing()
    {
        string[] variables = [.. ProgramSettingTable.All.SelectMany(setting => setting.Peers.Select(peer => peer.Name).Append(setting.Variable)).OfType<string>()];

        Assert.All(variables.GroupBy(name => name).Where(group => group.Key is not ("OLLAMA_HOST" or "HEARTH_LISTEN")), group => Assert.Single(group));
        Assert.Equal(ProgramSettingTable.All.Count, ProgramSettingTable.All.DistinctBy(setting => setting.Name).Count());
    }
}
