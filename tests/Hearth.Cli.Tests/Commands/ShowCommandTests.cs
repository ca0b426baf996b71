using System.Text.Json;
using Hearth.Store.Modelfiles;
using Hearth.Store.Storage;

namespace Hearth.Cli.Tests.Commands;

public sealed class ShowCommandTests : IDisposable
{
    private static readonly TestModel s_ollama = new()
    {
        OllamaLayers =
        [
            ("template", "{{ .System }}|{{ .Prompt }}"),
            ("system", "Be brief.\nBe kind.\nBe a pirate."),
            ("params", """{"temperature":0.5,"stop":["<end>","\u001b[31m"],"num_ctx":4096}"""),
            ("license", "MIT License\n\nCopyright somebody"),
        ],
    };

    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Show_PrintsWhatItIs()
    {
        StoredModel model = await _cli.AddAsync("ai/smollm2", new TestModel { ContextSize = 4096 });
        string weights = _cli.Store.Open(model).Weights[0];

        Assert.Equal(
            $"""
            Model             {model.Id}
            Tags              smollm2
            Created           2026-06-10 12:00:00 UTC (3 weeks ago)
            Package           Docker
            Format            gguf
            Architecture      llama
            Parameters        361.82M
            Quantization      Q4_K_M
            Size              {HumanText.Size(model.Size)}
            Context Size      4096
            Trained Context   8192
            Weights           {weights}

            """,
            await _cli.OutputOfAsync("show", "smollm2"));
    }

    [Fact]
    public async Task Show_PrintsWhatWasPackaged()
    {
        await _cli.AddAsync("ollama.com/pirate", s_ollama);

        string text = await _cli.OutputOfAsync("show", "ollama.com/pirate");

        Assert.Contains("Template          Go, 27 characters\n", text, StringComparison.Ordinal);
        Assert.Contains("System            Be brief. Be kind. ...\n", text, StringComparison.Ordinal);
        Assert.Contains("License           MIT License Copyright somebody\n", text, StringComparison.Ordinal);
        Assert.Contains("Parameter         temperature 0.5\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', text);
    }

    [Theory]
    [InlineData("--template", "{{ .System }}|{{ .Prompt }}\n")]
    [InlineData("--system", "Be brief.\nBe kind.\nBe a pirate.\n")]
    [InlineData("--license", "MIT License\n\nCopyright somebody\n")]
    [InlineData("--parameters", "temperature                    0.5\nstop                           <end>\nstop                            [31m\nnum_ctx                        4096\n")]
    public async Task Show_OfOnePart_PrintsItAsItIs(string option, string expected)
    {
        await _cli.AddAsync("ollama.com/pirate", s_ollama);

        Assert.Equal(expected, await _cli.OutputOfAsync("show", "pirate", option));
    }

    [Fact]
    public async Task Show_Modelfile_IsReadBack()
    {
        await _cli.AddAsync("ollama.com/pirate", s_ollama);

        Modelfile file = Modelfile.Parse(System.Text.Encoding.UTF8.GetBytes(await _cli.OutputOfAsync("show", "pirate", "--modelfile")));

        Assert.Equal(["ollama.com/library/pirate"], file.From);
        Assert.Equal("{{ .System }}|{{ .Prompt }}", file.Template!.Text);
        Assert.Equal("Be brief.\nBe kind.\nBe a pirate.", file.System);
        Assert.Equal(4, file.Parameters.Count);
    }

    [Fact]
    public async Task Show_OfTwoParts_IsRefused() => Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("show", "any", "--system", "--template")).Code);

    [Fact]
    public async Task Inspect_Json_HasTheMetadataToo()
    {
        StoredModel stored = await _cli.AddAsync("ai/smollm2");

        using JsonDocument document = JsonDocument.Parse(await _cli.OutputOfAsync("inspect", "smollm2", "--json"));

        Assert.Equal(stored.Id.ToString(), document.RootElement.GetProperty("id").GetString());
        Assert.Equal("8192", document.RootElement.GetProperty("config").GetProperty("gguf").GetProperty("llama.context_length").GetString());
    }

    [Fact]
    public async Task Inspect_Json_OfAFile_SaysWhereItIs()
    {
        using JsonDocument document = JsonDocument.Parse(await _cli.OutputOfAsync("inspect", "guide", "--json"));

        Assert.EndsWith("guide.gguf", document.RootElement.GetProperty("location").GetString(), StringComparison.Ordinal);
        Assert.Equal("gguf", document.RootElement.GetProperty("config").GetProperty("format").GetString());
        Assert.False(document.RootElement.TryGetProperty("id", out _));
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("./absent.gguf")]
    public async Task Inspect_OfWhatIsNotThere_IsAnErrorOfTheModel(string model) => Assert.Equal(ExitCode.Model, (await _cli.RunAsync("inspect", model)).Code);
}
