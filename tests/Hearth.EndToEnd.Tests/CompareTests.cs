using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests;

/// <summary><c>compare</c> of the benchmarks, beside scripts that print what llama-bench prints.</summary>
public sealed class CompareTests : IDisposable
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "Hearth.Benchmarks.dll");
    private static readonly string s_guide = Path.Combine(AppContext.BaseDirectory, "models", "guide.gguf");
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Rates_GiveRatiosToThePeersFasterWay()
    {
        // Prefill is faster without flash attention, decode with it; each call is logged.
        string log = _files.Combine("calls");
        string peer = Script($$"""
            echo "$@" >> '{{log}}'
            case "$*" in
              *"--flash-attn 0"*) pp=1e-3 tg=1e-6 ;;
              *) pp=1e-6 tg=1e-3 ;;
            esac
            echo "[{\"n_prompt\": 8, \"n_gen\": 0, \"avg_ts\": $pp}, {\"n_prompt\": 0, \"n_gen\": 4, \"avg_ts\": $tg}]"
            """);

        (int code, string output, string error) = await RunAsync(
            "compare", "--peer", peer, "--model", s_guide, "--prompt", "8", "--generate", "4", "--depth", "5", "--rounds", "3", "--threads", "1", "--json");

        Assert.Equal((0, string.Empty), (code, error));
        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Matches(@"^prefill ratio [\d.]+ \(.*-fa 0\); decode ratio [\d.]+ \(.*-fa 1\)$", lines[^2]);
        JsonNode result = JsonNode.Parse(lines[^1])!;
        Assert.Equal((3, 1, 8, 4, 5), ((int)result["rounds"]!, (int)result["threads"]!, (int)result["n_prompt"]!, (int)result["n_gen"]!, (int)result["n_depth"]!));
        Assert.Equal(0, (int)result["prefill"]!["peer_flash_attention"]!);
        Assert.Equal(1, (int)result["decode"]!["peer_flash_attention"]!);
        AssertRatio(result["prefill_ratio"]!, result["prefill"]!, 1e-3);
        AssertRatio(result["decode_ratio"]!, result["decode"]!, 1e-3);
        string[] calls = await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
        Assert.Equal(6, calls.Length);
        Assert.All(calls, call => Assert.Contains($"--model {s_guide} --threads 1 --n-prompt 8 --n-gen 4 --n-depth 5 ", call, StringComparison.Ordinal));
        Assert.Equal(["0", "1", "0", "1", "0", "1"], calls.Select(call => call[call.IndexOf("--flash-attn ", StringComparison.Ordinal)..].Split(' ')[1]));
    }

    [Fact]
    public async Task OneTest_LeavesTheOtherOut()
    {
        string peer = Script("""echo '[{"n_prompt": 0, "n_gen": 4, "avg_ts": 2.0}]'""");

        (int code, string output, _) = await RunAsync(
            "compare", "--peer", peer, "--model", s_guide, "--prompt", "0", "--generate", "4", "--rounds", "1", "--flash-attention", "1", "--json");

        Assert.Equal(0, code);
        JsonNode result = JsonNode.Parse(output.TrimEnd('\n').Split('\n')[^1])!;
        Assert.Null(result["prefill_ratio"]);
        Assert.Null(result["prefill"]);
        AssertRatio(result["decode_ratio"]!, result["decode"]!, 2);
    }

    [Fact]
    public async Task Load_ComparesWholeProcesses()
    {
        string log = _files.Combine("calls");
        string peer = Script($$"""
            echo "$@" >> '{{log}}'
            sleep 0.02
            echo '{"n_prompt": 1}'
            """);

        (int code, string output, string error) = await RunAsync(
            "compare", "--load", "--peer", peer, "--model", s_guide, "--rounds", "2", "--threads", "1", "--json");

        Assert.Equal((0, string.Empty), (code, error));
        JsonNode result = JsonNode.Parse(output.TrimEnd('\n').Split('\n')[^1])!;
        Assert.All(result["peer_samples_ms"]!.AsArray(), sample => Assert.True((double)sample! >= 20));
        double[] ratios = [.. result["hearth_samples_ms"]!.AsArray().Zip(result["peer_samples_ms"]!.AsArray(), (own, other) => (double)own! / (double)other!)];
        Assert.Equal(ratios.Average(), (double)result["load_ratio"]!, 9);
        string[] calls = await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
        Assert.Equal(3, calls.Length);
        Assert.All(calls, call => Assert.StartsWith($"-m {s_guide} -t 1 -p 1 -n 0 -r 1 --no-warmup", call, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("exit code 3: no such model", "echo 'no such model' >&2; exit 3")]
    [InlineData("did not print the JSON", "echo 'hello'")]
    [InlineData("did not print the JSON", """echo '[{"n_prompt": 512, "n_gen": 0, "avg_ts": 1}]'""")]
    public async Task PeerThatFails_IsTold(string expected, string script)
    {
        (int code, _, string error) = await RunAsync("compare", "--peer", Script(script), "--model", s_guide, "--prompt", "8", "--generate", "4", "--rounds", "1");

        Assert.Equal(1, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--depth has no meaning with --load", "--load", "--depth", "5")]
    [InlineData("--peer-cli needs --load", "--peer-cli", "x")]
    [InlineData("--rounds must be at least 1", "--rounds", "0")]
    [InlineData("nothing to measure", "--prompt", "0", "--generate", "0")]
    [InlineData("'auto'", "--flash-attention", "auto")]
    public async Task OptionsWithoutMeaning_AreRefused(string expected, params string[] arguments)
    {
        (int code, _, string error) = await RunAsync(["compare", "--model", s_guide, .. arguments]);

        Assert.NotEqual(0, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static void AssertRatio(JsonNode ratio, JsonNode test, double peerRate)
    {
        double[] ratios = [.. test["hearth_samples_ts"]!.AsArray().Select(sample => (double)sample! / peerRate).Order()];
        Assert.Equal(peerRate, (double)test["peer_ts"]!);
        Assert.Equal(ratios[ratios.Length / 2], (double)ratio, 1e-9 * ratios[^1]);
        Assert.Equal(ratios[0], (double)test["ratio_min"]!, 1e-9 * ratios[^1]);
        Assert.Equal(ratios[^1], (double)test["ratio_max"]!, 1e-9 * ratios[^1]);
    }

    private string Script(string body)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The peer is a shell script.");
        string path = _files.Combine("peer");
        File.WriteAllText(path, "#!/bin/sh\n" + body.ReplaceLineEndings("\n") + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [s_program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
