using System.Text;
using System.Text.Json.Nodes;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests;

/// <summary><c>hearth debug</c> against the goldens, as scripts use it.</summary>
public sealed class DebugTests
{
    [Theory]
    [InlineData("llama-spm")]
    [InlineData("gpt-2")]
    [InlineData("bert-bge")]
    public async Task Tokenize_PrintsALinePerText(string vocabulary)
    {
        string model = Golden.Path("vocab", vocabulary + ".gguf");

        (int code, string output, _) = await HearthProcess.RunAsync(["debug", "tokenize", model, model + ".inp", "--separator", "__ggml_vocab_test__"]);

        string[] expected = await File.ReadAllLinesAsync(model + ".out", TestContext.Current.CancellationToken);
        Assert.Equal(0, code);
        Assert.Equal(expected.Select(line => line.Trim()), output.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task TemplatesMessage_CannotSteerTheTerminal()
    {
        using TemporaryFiles files = new();
        string template = files.Write("template.jinja", "{{ raise_exception('no\n\u001b[31mway') }}"u8);

        (int code, _, string error) = await HearthProcess.RunAsync(["debug", "template", template, "--context", files.Write("context.json", "{}"u8)]);

        Assert.Equal(1, code);
        Assert.Contains("no  [31mway", error, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EndlessFile_IsRefused()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "Needs a device without an end.");

        (int code, _, string error) = await HearthProcess.RunAsync(["debug", "tokenize", "guide", "/dev/zero"]);

        Assert.Equal(1, code);
        Assert.StartsWith("hearth: '/dev/zero' has more than", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detokenize_GivesTheTextBack()
    {
        using TemporaryFiles files = new();
        string model = Golden.Path("vocab", "llama-bpe.gguf");
        string text = files.Write("text.txt", "Grüße, 世界! 🎉\n\tdone"u8);
        (_, string ids, _) = await HearthProcess.RunAsync(["debug", "tokenize", model, text]);

        (int code, string output, _) = await HearthProcess.RunAsync(["debug", "detokenize", model, files.Write("ids.txt", Encoding.UTF8.GetBytes(ids))]);

        Assert.Equal((0, "Grüße, 世界! 🎉\n\tdone"), (code, output));
    }

    [Fact]
    public async Task Logits_AreAFloatPerTokenOfTheVocabulary()
    {
        using TemporaryFiles files = new();
        string ids = files.Write("ids.txt", Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(0, 64).Select(i => ((i * 37) + 11) % 512))));

        (int code, _, string error) = await HearthProcess.RunAsync(["debug", "logits", Golden.Path("stories", "stories260K.gguf"), "--ids", ids, "--out", files.Combine("out.f32")]);

        Assert.Equal((0, string.Empty), (code, error));
        byte[] bytes = await File.ReadAllBytesAsync(files.Combine("out.f32"), TestContext.Current.CancellationToken);
        float[] actual = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, actual, 0, bytes.Length);
        Assert.InRange(Golden.NormalizedMeanSquaredError(actual, Golden.Floats("stories", "once.logits")), 0, 1e-5);
    }

    [Fact]
    public async Task Template_PrintsTheRenderingExactlyAndFailsWithTheTemplatesMessage()
    {
        using TemporaryFiles files = new();
        JsonNode[] cases = [.. JsonNode.Parse(await File.ReadAllTextAsync(Golden.Path("templates", "cases.json"), TestContext.Current.CancellationToken))!.AsArray()!];
        foreach (JsonNode test in new[] { cases.First(test => test["expected"] is not null), cases.First(test => test["error"] is not null) })
        {
            string template = Golden.Path("templates", (string)test["template"]! + ".jinja");
            string context = files.Write("context.json", Encoding.UTF8.GetBytes(test["context"]!.ToJsonString()));

            (int code, string output, string error) = await HearthProcess.RunAsync(["debug", "template", template, "--context", context, "--now", "2026-01-02T03:04:05"]);

            Assert.Equal(((string?)test["expected"] ?? string.Empty, test["error"] is null ? 0 : 1), (output, code));
            Assert.Equal(test["error"] is null, error.Length == 0);
        }
    }

    [Fact]
    public async Task Dequantize_WritesTheValues()
    {
        using TemporaryFiles files = new();

        (int code, _, _) = await HearthProcess.RunAsync(["debug", "dequantize", "iq2_xs", Golden.Path("quants", "iq2_xs.blocks"), "--out", files.Combine("out.f32")]);

        Assert.Equal(0, code);
        Assert.Equal(
            await File.ReadAllBytesAsync(Golden.Path("quants", "iq2_xs.f32"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(files.Combine("out.f32"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("debug", "dequantize", "Q9_X", "file", "--out", "out")]
    [InlineData("debug", "tokenize", "guide", "no-such-file")]
    [InlineData("debug", "template", "no-such-file", "--context", "no-such-file")]
    [InlineData("inspect", "no-such-file")]
    public async Task Failure_IsToldOnStandardError(params string[] arguments)
    {
        (int code, string output, string error) = await HearthProcess.RunAsync(arguments);

        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.StartsWith("hearth: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_PrintsWhatTheFileSays()
    {
        (int code, string output, _) = await HearthProcess.RunAsync(["inspect", "guide"]);

        Assert.Equal(0, code);
        Assert.Matches("architecture +llama", output);
        Assert.Matches("chat template +yes", output);
        Assert.Contains("tokenizer.ggml.tokens  arr[str]", output, StringComparison.Ordinal);
    }
}
