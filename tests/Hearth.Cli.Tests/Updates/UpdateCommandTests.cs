using Hearth.Cli.Updates;

namespace Hearth.Cli.Tests.Updates;

public sealed class UpdateCommandTests : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("""{"tag_name": "v99.0.0", "html_url": "https://example.com/v99"}""", "v99.0.0 is newer than this version", "https://example.com/v99")]
    [InlineData("""{"tag_name": "v0.0.1", "html_url": "https://example.com/v0"}""", "is the latest", "v0.0.1")]
    public async Task Check_ComparesWithTheLatestRelease(string answer, params string[] expected)
    {
        await using FakeWebServer feed = await FakeWebServer.StartAsync(200, answer);

        string output = await _cli.With($"HEARTH_UPDATE_URL={feed.Url}").OutputOfAsync("update", "--check");

        Assert.All(expected, text => Assert.Contains(text, output, StringComparison.Ordinal));
        Assert.Equal(1, feed.Requests);
    }

    [Theory]
    [InlineData(200, """{"name": "x"}""", "tag_name")]
    [InlineData(200, """{"tag_name": "nightly"}""", "nightly")]
    [InlineData(200, "<html>", "JSON")]
    [InlineData(404, "{}", "404")]
    public async Task Check_TellsWhatIsWrong(int status, string answer, string expected)
    {
        await using FakeWebServer feed = await FakeWebServer.StartAsync(status, answer);

        (int code, string output, string error) = await _cli.With($"HEARTH_UPDATE_URL={feed.Url}").RunAsync("update", "--check");

        Assert.Equal((ExitCode.Failure, string.Empty), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutCheck_NothingIsAsked()
    {
        await using FakeWebServer feed = await FakeWebServer.StartAsync(200, """{"tag_name": "v99.0.0"}""");
        _cli.With($"HEARTH_UPDATE_URL={feed.Url}");

        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("update")).Code);
        await _cli.OutputOfAsync("version");
        await _cli.OutputOfAsync("config");

        Assert.Equal(0, feed.Requests);
    }

    [Fact]
    public async Task WithoutAnAddress_SaysWhatToSet()
    {
        (int code, _, string error) = await _cli.RunAsync("update", "--check");

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("HEARTH_UPDATE_URL", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://github.com/someone/hearth", "https://api.github.com/repos/someone/hearth/releases/latest")]
    [InlineData("https://github.com/someone/hearth.git", "https://api.github.com/repos/someone/hearth/releases/latest")]
    [InlineData("https://git.example.com/api/v1/latest", "https://git.example.com/api/v1/latest")]
    public void AddressOf_KnowsGitHub(string url, string expected) => Assert.Equal(new Uri(expected), ReleaseFeed.AddressOf(new Uri(url)));

    // The order of section 11 of semver.org.
    [Fact]
    public void Versions_AreInOrder()
    {
        string[] versions = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "v1.0.1", "1.10.0"];

        Assert.Equal(versions, versions.Reverse().OrderBy(SemanticVersion.Read));
        Assert.Equal(0, SemanticVersion.Read("1.0.0+a")!.CompareTo(SemanticVersion.Read("v1.0.0+b")));
        Assert.All(["1.0", "01.0.0", "1.0.0-", "x", "1.0.0.0"], text => Assert.Null(SemanticVersion.Read(text)));
    }

    [Fact]
    public async Task Version_IsOne() => Assert.NotNull(SemanticVersion.Read((await _cli.OutputOfAsync("version")).Split(' ')[1]));
}
