using System.Net;
using System.Net.Sockets;

namespace Hearth.Cli.Tests.Commands;

public sealed class RegistryCommandTests : IDisposable
{
    // Nobody listens there any more.
    private static readonly string s_nobody = FindFreeAddress();
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("pull", "MODEL")]
    [InlineData("inspect", "--remote", "MODEL")]
    public async Task ARegistryThatDoesNotAnswer_IsAFailureInOneLine(params string[] arguments)
    {
        string model = $"{s_nobody}/team/model";

        (int code, string output, string error) = await _cli.RunAsync([.. arguments.Select(word => word == "MODEL" ? model : word)]);

        Assert.Equal((ExitCode.Failure, string.Empty), (code, output));
        Assert.Contains(s_nobody, Assert.Single(error.Split('\n'), line => line.StartsWith("hearth: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("serve")]
    public async Task AModelThatIsNotHere_IsPulled(string command)
    {
        (int code, _, string error) = await _cli.RunAsync(command, $"{s_nobody}/team/model");

        Assert.Equal(ExitCode.Failure, code);
        Assert.StartsWith($"Unable to find model '{s_nobody}/team/model' locally; pulling it.\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bench")]
    [InlineData("configure")]
    [InlineData("inspect")]
    [InlineData("push")]
    [InlineData("show")]
    public async Task AModelThatIsNotHere_IsNotPulledByOthers(string command)
    {
        (int code, _, string error) = await _cli.RunAsync(command, $"{s_nobody}/team/model");

        Assert.Equal(ExitCode.Model, code);
        Assert.DoesNotContain("pulling it", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pull")]
    [InlineData("run")]
    [InlineData("serve")]
    [InlineData("inspect")]
    public async Task AWordThatIsNoName_IsAnErrorOfUsage(string command)
    {
        (int code, _, string error) = await _cli.RunAsync(command, "not a name");

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("is no reference to a model", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_OfAModelWithSeveralNames_WantsOne()
    {
        Store.Storage.StoredModel model = await _cli.AddAsync("team/model");
        _cli.Store.Tag(model, _cli.Store.ParseReference("team/other"));

        (int code, _, string error) = await _cli.RunAsync("push", model.Id.Abbreviated);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("team/model, team/other", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--password and --password-stdin exclude each other.", "-u", "me", "-p", "secret", "--password-stdin")]
    [InlineData("--password-stdin needs --username.", "--password-stdin")]
    [InlineData("There is nobody to ask; give --username and --password-stdin.", "-u", "me")]
    [InlineData("The password is empty.", "-u", "me", "--password-stdin")]
    [InlineData("Hugging Face takes a token: set HF_TOKEN.", "hf.co", "-u", "me", "-p", "secret")]
    public async Task Login_ThatMakesNoSense_IsRefused(string message, params string[] arguments) =>
        Assert.Equal((ExitCode.Usage, string.Empty, $"hearth: {message}\n"), await _cli.RunAsync(["login", .. arguments]));

    [Fact]
    public async Task Login_ThatFails_DoesNotShowThePassword()
    {
        (int code, string output, string error) = await _cli.RunAsync("login", s_nobody, "-u", "me", "-p", "secret-word");

        Assert.Equal((ExitCode.Failure, string.Empty), (code, output));
        Assert.DoesNotContain("secret-word", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logout_WithoutALogin_SaysSo() => Assert.Equal($"There were no credentials for {s_nobody}.\n", await _cli.OutputOfAsync("logout", s_nobody));

    [Theory]
    [InlineData("'--source' must be one of all, dockerhub, huggingface, not 'web'.", "--source", "web")]
    [InlineData("'--limit' must be 1 to 1000, not 0.", "-n", "0")]
    public async Task Search_ThatMakesNoSense_IsRefused(string message, params string[] arguments)
    {
        (int code, _, string error) = await _cli.RunAsync(["search", "x", .. arguments]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith($"hearth: {message}\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_WithoutAServer_EndsWith1()
    {
        (int code, string output, string error) = await _cli.RunAsync("status", "--host", s_nobody);
        Assert.Equal(ExitCode.Failure, code);
        Assert.DoesNotContain("running", output, StringComparison.Ordinal);
        Assert.StartsWith($"hearth: No server answers at {s_nobody}", error, StringComparison.Ordinal);

        (code, output, error) = await _cli.RunAsync("status", "--json", "--host", s_nobody);
        Assert.Equal((ExitCode.Failure, string.Empty), (code, error));
        using System.Text.Json.JsonDocument status = System.Text.Json.JsonDocument.Parse(output);
        Assert.False(status.RootElement.GetProperty("running").GetBoolean());
        Assert.Contains("No server answers", status.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WithoutAName_IsRefused() => Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("import")).Code);

    private static string FindFreeAddress()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
