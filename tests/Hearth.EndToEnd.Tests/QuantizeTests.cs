using System.Diagnostics;
using System.Text;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests;

/// <summary><c>hearth quantize</c> as a user runs it.</summary>
public sealed class QuantizeTests : IDisposable
{
    private const string Question = "How do I stream an answer?";
    private readonly TemporaryFiles _files = new();

    private static string Stories => Golden.Path("stories", "stories260K.gguf");

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Model_AnswersTheSameAfterwards()
    {
        string wide = _files.Combine("wide.gguf"), narrow = _files.Combine("narrow.gguf");
        (_, string expected, _) = await HearthProcess.RunAsync(["run", "guide", Question, "--temp", "0"]);

        (int code, string output, string error) = await HearthProcess.RunAsync(["quantize", "guide", wide, "f32", "--requantize"]);
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Matches(@"^.*wide\.gguf: F32, [\d.]+ MiB -> [\d.]+ MiB, 32\.00 bits per weight, in [\d.]+ s\n$", output);

        (code, _, error) = await HearthProcess.RunAsync(["quantize", wide, narrow, "Q8_0", "--threads", "1"]);
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Equal((0, expected, string.Empty), await HearthProcess.RunAsync(["run", narrow, Question, "--temp", "0"]));
        Assert.Contains("file type       Q8_0", (await HearthProcess.RunAsync(["inspect", narrow])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_PrintsThePlanAndWritesNothing()
    {
        string output = _files.Combine("out.gguf");

        (int code, string text, string error) = await HearthProcess.RunAsync(
        [
            "quantize", Stories, output, "Q4_K_M", "--dry-run", "--tensor-type", "attn_q=Q8_0", "--tensor-type", "attn=F16",
            "--output-tensor-type", "BF16",
        ]);

        Assert.Equal((0, string.Empty), (code, error));
        Assert.Matches(@"(?m)^blk\.0\.attn_q\.weight  \[64, 64\]  F32 -> Q8_0  0\.02 MiB -> 0\.00 MiB$", text);
        Assert.Matches(@"(?m)^blk\.0\.attn_v\.weight  \[64, 32\]  F32 -> F16  ", text);
        Assert.Matches(@"(?m)^blk\.0\.ffn_up\.weight  \[64, 172\]  F32 -> Q5_0  .*whole blocks", text);
        Assert.Matches(@"(?m)^blk\.0\.attn_norm\.weight  \[64\]  F32  ", text);
        Assert.Matches(@"(?m)^(output|token_embd)\.weight  \[64, 512\]  F32 -> BF16  ", text);
        Assert.EndsWith("nothing was written\n", text, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    [Theory]
    [InlineData(2, "'Q9_K' is not a file type", "{stories}", "{out}", "Q9_K")]
    [InlineData(2, "not PATTERN=TYPE", "{stories}", "{out}", "Q8_0", "--tensor-type", "attn")]
    [InlineData(2, "'I8' is not a tensor type", "{stories}", "{out}", "Q8_0", "--output-tensor-type", "I8")]
    [InlineData(2, "--imatrix", "{stories}", "{out}", "Q8_0", "--imatrix", "x.gguf")]
    [InlineData(2, "'--threads' must be", "{stories}", "{out}", "Q8_0", "--threads", "0")]
    [InlineData(2, "OUT is empty", "{stories}", "", "Q8_0")]
    [InlineData(1, "exists; give another name, or --force", "{stories}", "{text}", "Q8_0")]
    [InlineData(1, "is the model that is read", "{stories}", "{stories}", "Q8_0", "--force")]
    [InlineData(1, "is a folder", "{stories}", ".", "Q8_0")]
    [InlineData(1, "nowhere", "{stories}", "nowhere/out.gguf", "Q8_0")]
    [InlineData(1, "quantised already", "guide", "{out}", "Q4_0")]
    [InlineData(3, "does not exist", "missing.gguf", "{out}", "Q8_0")]
    [InlineData(3, "not a GGUF file", "{text}", "{out}", "Q8_0")]
    public async Task Failure_IsOneLineWithACodeAndNoFile(int expectedCode, string expected, params string[] arguments)
    {
        string text = _files.Write("text.gguf", "this is text"u8), output = _files.Combine("out.gguf");

        (int code, _, string error) = await HearthProcess.RunAsync(
            ["quantize", .. arguments.Select(argument => argument.Replace("{stories}", Stories, StringComparison.Ordinal)
                .Replace("{text}", text, StringComparison.Ordinal).Replace("{out}", output, StringComparison.Ordinal))]);

        Assert.Equal(expectedCode, code);
        Assert.StartsWith("hearth: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Equal([text], Directory.GetFileSystemEntries(Path.GetDirectoryName(output)!));
        Assert.Equal("this is text", await File.ReadAllTextAsync(text, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    public async Task Signal_StopsItAndLeavesNothing(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        string model = _files.Combine("zeros.gguf"), folder = Path.GetDirectoryName(model)!;
        WriteZeros(model, rows: 1 << 20);
        using Process process = HearthProcess.Start("quantize", model, _files.Combine("out.gguf"), "IQ4_XS", "--threads", "1");
        while (Directory.GetFiles(folder).Length == 1 && !process.HasExited)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        using Process kill = Process.Start("kill", [signal, $"{process.Id}"]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal((130, string.Empty), (process.ExitCode, error));
        Assert.Equal([model], Directory.GetFiles(folder));
    }

    [Fact]
    public async Task Force_ReplacesTheFile()
    {
        string output = _files.Write("out.gguf", "old"u8);

        (int code, _, _) = await HearthProcess.RunAsync(["quantize", Stories, output, "Q4_0", "--force"]);

        Assert.Equal(0, code);
        (_, string text, _) = await HearthProcess.RunAsync(["run", output, "Once upon a time", "--raw", "--temp", "0", "-n", "8"]);
        Assert.StartsWith(", there was", text, StringComparison.Ordinal);
    }

    /// <summary>A model of one F32 matrix of zeros with rows of 256; its file has no blocks on the disk.</summary>
    private static void WriteZeros(string path, int rows)
    {
        using FileStream file = File.Create(path);
        using BinaryWriter writer = new(file);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(1UL);
        writer.Write(2UL);
        Text("general.architecture");
        writer.Write(8u);
        Text("llama");
        Text("llama.block_count");
        writer.Write(4u);
        writer.Write(1u);
        Text("blk.0.ffn_up.weight");
        writer.Write(2u);
        writer.Write(256L);
        writer.Write((long)rows);
        writer.Write(0u);
        writer.Write(0UL);
        writer.Flush();
        file.SetLength(((file.Length + 31) / 32 * 32) + (rows * 1024L));

        void Text(string text)
        {
            writer.Write((ulong)text.Length);
            writer.Write(Encoding.UTF8.GetBytes(text));
        }
    }
}
