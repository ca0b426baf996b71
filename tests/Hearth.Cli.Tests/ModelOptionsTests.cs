using System.CommandLine;
using Hearth.Cli.Commands;
using Hearth.Kernels.Attention;
using Hearth.Server.Hosting;

namespace Hearth.Cli.Tests;

public sealed class ModelOptionsTests
{
    [Theory]
    [InlineData(KvElementType.F16)]
    [InlineData(KvElementType.F16, "--cache-type", "F16")]
    [InlineData(KvElementType.BF16, "--cache-type", "bf16")]
    [InlineData(KvElementType.Q8_0, "--cache-type", "q8_0")]
    [InlineData(KvElementType.F32, "--cache-type", "f32")]
    public void CacheType_IsRead(KvElementType expected, params string[] arguments) => Assert.Equal(expected, Read(arguments).Load.CacheType);

    [Fact]
    public void EveryOptionOfAServer_IsRead()
    {
        ServedModelOptions options = Read(
            "-c", "4096", "-t", "1", "-np", "3", "--cache-size", "2G", "--max-queue", "7", "--prefix-cache", "/prefixes", "--draft", "/draft.gguf", "--draft-max", "5",
            "--no-speculation", "--keep-alive", "90s", "--temp", "0.25", "--top-k", "11", "--lora", "/a.gguf:0.5", "--lora", "/b.gguf");

        Assert.Equal((4096, 1, 3, 2L << 30, 7), (options.Load.ContextLength, options.Load.Threads, options.Load.Parallel, options.Load.CacheBytes, options.Load.MaxWaiting));
        Assert.Equal((Path.GetFullPath("/prefixes"), Path.GetFullPath("/draft.gguf")), (options.Load.PrefixFolder, options.Load.Speculation.DraftPath));
        Assert.Equal((5, false), (options.Load.Speculation.MaxTokens, options.Load.Speculation.PromptLookup));
        Assert.Equal((TimeSpan.FromSeconds(90), 0.25f, 11), (options.KeepAlive, options.Sampling.Temperature, options.Sampling.TopK));
        Assert.Equal([0.5f, 1f], options.Load.Adapters.Select(adapter => adapter.Scale));
    }

    [Theory]
    [InlineData("'--parallel' must be 1 to 256, not 0.", "-np", "0")]
    [InlineData("'--keep-alive' is refused: 'soon' is not a duration", "--keep-alive", "soon")]
    [InlineData("'--cache-size' is refused: '2X' is not an amount", "--cache-size", "2X")]
    [InlineData("'--ctx-size' is given 2 times", "-c", "5", "-c", "6")]
    [InlineData("'--temp' is -1; expected", "--temp", "-1")]
    [InlineData("'--chat-template' is ", "--chat-template", "/no/such/file")]
    public void BadValue_IsNamed(string message, params string[] arguments)
    {
        Command command = new("test");
        ModelOptions.ForServing().AddTo(command);

        Assert.StartsWith(message, Assert.Single(command.Parse(arguments).Errors).Message, StringComparison.Ordinal);
    }

    private static ServedModelOptions Read(params string[] arguments)
    {
        ModelOptions options = ModelOptions.ForServing();
        Command command = new("test");
        options.AddTo(command);
        ParseResult parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return options.Read(parsed).ToOptions();
    }
}
