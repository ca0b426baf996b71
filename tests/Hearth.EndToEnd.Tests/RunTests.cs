using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests;

/// <summary><c>hearth run</c> as a user runs it.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task Prompt_IsAnsweredOnStandardOutput()
    {
        (int code, string output, string error) = await HearthProcess.RunAsync(["run", "guide", "What is Hearth?", "--temp", "0"]);

        Assert.Equal((0, string.Empty), (code, error));
        Assert.Contains("Hearth", output, StringComparison.Ordinal);
        Assert.EndsWith("\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipe_IsThePrompt()
    {
        (_, string expected, _) = await HearthProcess.RunAsync(["run", "guide", "What is Hearth?", "--temp", "0"]);

        (int code, string output, _) = await HearthProcess.RunAsync(["run", "guide", "--temp", "0"], "What is Hearth?\n"u8.ToArray());

        Assert.Equal((0, expected), (code, output));
    }

    [Fact]
    public async Task Verbose_PrintsRatesToStandardError()
    {
        (_, string output, string error) = await HearthProcess.RunAsync(["run", "guide", "Hello", "--temp", "0", "--verbose"]);

        Assert.Matches(@"load +[\d.]+ ms\s+prompt +[\d.]+ ms +\d+ tokens +[\d.]+ tokens/s\s+decode +[\d.]+ ms", error);
        Assert.DoesNotContain("tokens/s", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raw_ContinuesAndAModelWithoutTemplateSaysSo()
    {
        string stories = Golden.Path("stories", "stories260K.gguf");

        (_, string raw, string rawError) = await HearthProcess.RunAsync(["run", stories, "Once upon a time", "--raw", "--temp", "0", "-n", "8"]);
        (_, _, string chatError) = await HearthProcess.RunAsync(["run", stories, "Once upon a time", "--temp", "0", "-n", "8"]);

        Assert.Equal((", there was a little girl\n", string.Empty), (raw, rawError));
        Assert.Contains("no chat template; using ChatML", chatError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "does not exist", "run", "missing.gguf", "hi")]
    [InlineData(3, "is a folder", "run", ".", "hi")]
    [InlineData(3, "not a GGUF file", "run", "{text}", "hi")]
    [InlineData(3, "damaged or incomplete", "run", "{truncated}", "hi")]
    [InlineData(2, "--temp", "run", "guide", "hi", "--temp", "-1")]
    [InlineData(2, "--temp", "run", "guide", "hi", "--temp", "warm")]
    [InlineData(2, "--top-p", "run", "guide", "hi", "--top-p", "1.5")]
    [InlineData(2, "--n-predict", "run", "guide", "hi", "-n", "0")]
    [InlineData(2, "--ctx-size", "run", "guide", "hi", "-c", "0")]
    [InlineData(2, "'--ctx-size' must be a whole number up to 2147483647, not 'many'", "run", "guide", "hi", "-c", "many")]
    [InlineData(1, "GiB are available. Choose a context of at most", "run", "guide", "hi", "-c", "2000000000")]
    [InlineData(2, "'--cache-type' must be one of f16, bf16, q8_0, f32, not 'q4_0'", "run", "guide", "hi", "--cache-type", "q4_0")]
    [InlineData(2, "'--cache-type' must be one of", "serve", "--cache-type", "1")]
    [InlineData(2, "MODEL is empty", "run", "", "hi")]
    [InlineData(2, "--out is empty", "debug", "logits", "guide", "--ids", "x", "--out", "")]
    [InlineData(2, "--port", "serve", "--port", "80")]
    [InlineData(1, "does not exist", "serve", "--listen", "unix:no-such-folder/socket")]
    [InlineData(2, "--no-such-option", "run", "guide", "hi", "--no-such-option")]
    [InlineData(2, "--logit-bias", "run", "guide", "hi", "--logit-bias", "x")]
    [InlineData(2, "no prompt", "run", "guide")]
    [InlineData(1, "context", "run", "guide", "one two three four five six seven", "-c", "8")]
    [InlineData(2, "--listen", "serve", "--listen", "nowhere")]
    [InlineData(2, "served as 'guide'", "serve", "guide", "guide")]
    [InlineData(2, "hearth: There is no command or option 'frobnicate'.\nTry 'hearth --help'.", "frobnicate")]
    public async Task Failure_IsOneLineOnStandardErrorAndAnExitCode(int expected, string message, params string[] arguments)
    {
        using TemporaryFiles files = new();
        string[] actual = [.. arguments.Select(argument => argument switch
        {
            "{text}" => files.Write("text.gguf", "Just some text, and no model at all."u8),
            "{truncated}" => files.Write("cut.gguf", File.ReadAllBytes(Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf")).AsSpan(0, 100_000)),
            _ => argument,
        })];

        (int code, string output, string error) = await HearthProcess.RunAsync(actual);

        Assert.Equal((expected, string.Empty), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.StartsWith("hearth: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutArguments_HelpIsShown()
    {
        (int code, string output, string error) = await HearthProcess.RunAsync([]);

        Assert.Equal((0, string.Empty), (code, error));
        Assert.Contains("run <MODEL> <PROMPT>", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryCacheType_Answers()
    {
        foreach (string type in new[] { "bf16", "q8_0", "f32" })
        {
            (int code, string output, string error) = await HearthProcess.RunAsync(["run", "guide", "Hello", "--cache-type", type, "--temp", "0", "-n", "8"]);

            Assert.Equal((0, string.Empty), (code, error));
            Assert.NotEmpty(output.Trim());
        }
    }

    [Fact]
    public async Task MoreThreadsThanCores_AreTheCores()
    {
        (int code, _, string error) = await HearthProcess.RunAsync(["run", "guide", "hi", "--threads", "1024", "--verbose", "-n", "1"]);

        Assert.Equal(0, code);
        Assert.Contains($" {Environment.ProcessorCount} threads", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnsupportedArchitecture_IsNamedWithWhatIsSupported()
    {
        (int code, _, string error) = await HearthProcess.RunAsync(["run", Golden.Path("vision", "llava-mmproj.gguf"), "hi"]);

        Assert.Equal(3, code);
        Assert.Contains("'clip'", error, StringComparison.Ordinal);
        Assert.Contains("llama", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TenMegabytePrompt_IsRefusedWithTheNumbers()
    {
        byte[] prompt = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("0123456789 word ", 10 * 1024 * 1024 / 16)));

        (int code, _, string error) = await HearthProcess.RunAsync(["run", "guide"], prompt);

        Assert.Equal(1, code);
        Assert.Matches(@"The prompt has \d+ tokens; the context in force holds \d+", error);
    }

    [Fact]
    public async Task InvalidUtf8_IsRefusedWithItsPlace()
    {
        (int code, _, string error) = await HearthProcess.RunAsync(["run", "guide"], [(byte)'h', (byte)'i', 0xFF]);

        Assert.Equal(1, code);
        Assert.Contains("offset 2", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenPipeThatStaysEmpty_IsToldAbout()
    {
        using Process process = HearthProcess.Start("run", "guide", "What is Hearth?", "--temp", "0");

        string? hint = await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        string answer = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Contains("waiting for standard input", hint, StringComparison.Ordinal);
        Assert.Contains("Hearth", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupt_StopsTheAnswerWithItsExitCode()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        using Process process = HearthProcess.Start("run", "guide", "What is Hearth?", "--ignore-eos", "true", "-c", "100000", "--raw");
        process.StandardInput.Close();
        char[] first = new char[1];
        Assert.Equal(1, await process.StandardOutput.ReadAsync(first, TestContext.Current.CancellationToken));

        using Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        _ = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(130, process.ExitCode);
    }
}
