using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Load;

/// <summary><c>load</c> of the benchmarks as a program.</summary>
public sealed class LoadCommandTests
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "Hearth.Benchmarks.dll");

    [Fact]
    public async Task TwoServers_GetTheSameRequestsInTurns()
    {
        await using FakeServer server = new(reply => reply.AnswerAsync());
        await using FakeServer peer = new(reply => reply.AnswerAsync(firstTokenMilliseconds: 100));

        (int code, string output, string error) = await RunAsync(
            "--url", $"{server.Address}v1/", "--peer-url", $"{peer.Address}", "--streams", "1,2", "--requests", "4",
            "--prompt-tokens", "5:9", "--answer-tokens", "3", "--rounds", "2", "--pid", $"{Environment.ProcessId}", "--json");

        Assert.Equal((0, string.Empty), (code, error));
        Assert.Equal(2 + (2 * 2 * 4), server.Bodies.Count);
        Assert.Equal(server.Bodies.Skip(2).Order(), peer.Bodies.Skip(2).Order());
        Assert.Equal(server.Bodies.Count, server.Bodies.Distinct().Count());
        Assert.All(server.Bodies, body => Assert.Contains("\"model\":\"fake\"", body, StringComparison.Ordinal));
        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(
            ["1, server", "1, peer", "2, peer", "2, server"],
            lines.Where(line => line.StartsWith("  round ", StringComparison.Ordinal)).Take(4).Select(line => line[8..line.IndexOf(':')]));
        JsonArray runs = JsonNode.Parse(lines[^1])!["runs"]!.AsArray();
        Assert.Equal([1, 2], runs.Select(run => (int)run!["streams"]!));
        Assert.All(runs, run => AssertRun(run!));
    }

    [Fact]
    public async Task Chat_FindsTheWordsThatGiveTheTokens()
    {
        // The fake counts two tokens for a word and seven around the messages.
        await using FakeServer server = new(reply => reply.AnswerAsync());

        (int code, string output, _) = await RunAsync(
            "--url", $"{server.Address}", "--api", "chat", "--streams", "1", "--requests", "3",
            "--prompt-tokens", "107", "--shared-prompt-tokens", "40", "--answer-tokens", "2", "--rounds", "1", "--json");

        Assert.Equal(0, code);
        JsonNode result = JsonNode.Parse(output.TrimEnd('\n').Split('\n')[^1])!;
        Assert.InRange((int)result["runs"]![0]!["server"]!["medians"]!["prompt_tokens"]!, 3 * (107 + 40 - 2), 3 * (107 + 40 + 2));
    }

    [Fact]
    public async Task Scenarios_Run()
    {
        await using FakeServer server = new(reply => reply.AnswerAsync(firstTokenMilliseconds: 5, tokenMilliseconds: 1));

        string url = server.Address.ToString();
        (int arrival, string arrived, _) = await RunAsync("--url", url, "--scenario", "arrival", "--prompt-tokens", "50", "--rounds", "1");
        (int shared, string sharing, _) = await RunAsync("--url", url, "--scenario", "shared", "--rounds", "1");
        (int left, string leaving, _) = await RunAsync("--url", url, "--scenario", "hangup", "--requests", "60", "--streams", "6");

        Assert.Equal((0, 0, 0), (arrival, shared, left));
        Assert.Contains("arrival: 7 streams with answers of 512 tokens; then a prompt of 50 arrives", arrived, StringComparison.Ordinal);
        Assert.Matches(@"until its first token, ms max +\d", arrived);
        Assert.Contains("shared: 8 streams, 50 requests, prompts of 1500 shared and 32 tokens,", sharing, StringComparison.Ordinal);
        Assert.Matches(@"hung up +20\n", leaving);
    }

    [Fact]
    public async Task ServerThatAnswersNothing_IsTold()
    {
        await using FakeServer server = new(reply => reply.StatusAsync("404 Not Found", "not here"));

        (int code, string output, string error) = await RunAsync("--url", $"{server.Address}", "--requests", "2", "--rounds", "1");

        Assert.Equal(1, code);
        Assert.Contains("2 status (404 not here)", output, StringComparison.Ordinal);
        Assert.Contains("answered none of the requests", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("No server answers at http://127.0.0.1:1/")]
    [InlineData("--streams has no meaning with --rate", "--streams", "2", "--rate", "3")]
    [InlineData("--requests has no meaning with --scenario arrival", "--scenario", "arrival", "--requests", "2")]
    [InlineData("--vocabulary has no meaning with --api chat", "--api", "chat", "--vocabulary", "1:2")]
    [InlineData("--peer-pid needs --peer-url", "--peer-pid", "1")]
    [InlineData("'x' is no number of streams", "--streams", "1,x")]
    [InlineData("'7:3' is no number of tokens", "--prompt-tokens", "7:3")]
    [InlineData("--rate must be above 0", "--rate", "0")]
    [InlineData("--time-limit must be above 0", "--time-limit", "0")]
    [InlineData("--rounds must be at least 1", "--rounds", "0")]
    [InlineData("'localhost' is no address", "--peer-url", "localhost")]
    [InlineData("'other'", "--scenario", "other")]
    public async Task BadInput_IsRefused(string expected, params string[] arguments)
    {
        (int code, _, string error) = await RunAsync(["--url", "http://127.0.0.1:1", .. arguments]);

        Assert.NotEqual(0, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static void AssertRun(JsonNode run)
    {
        double[] Values(string server, string key) => [.. run[server]!["rounds"]!.AsArray().Select(round => (double)round![key]!)];

        Assert.Equal([4.0, 4], Values("server", "completed"));
        Assert.Equal([12.0, 12], Values("peer", "output_tokens"));
        Assert.All(Values("server", "memory_max_mib"), memory => Assert.True(memory > 1));
        Assert.Null(run["peer"]!["medians"]!["memory_max_mib"]);
        double[] ratios = [.. Values("server", "first_token_ms_p50").Zip(Values("peer", "first_token_ms_p50"), (own, peer) => own / peer)];
        Assert.Equal(ratios.Average(), (double)run["ratios"]!["first_token_ms_p50"]!["median"]!, 1e-9);
        Assert.True(ratios.Average() < 1);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [s_program, "load", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
