using System.Text.Json.Nodes;
using Hearth.Engine.Sampling;
using Hearth.Server.Hosting;
using Hearth.Server.Models;
using Hearth.Server.Settings;
using Hearth.Store.Manifests;

namespace Hearth.Server.Tests.Models;

public sealed class PackagedDefaultsTests
{
    private readonly List<string> _warnings = [];

    [Fact]
    public void Read_GivesEveryParameterOfOllama()
    {
        ServedModelOptions options = Read("""
            {
              "temperature": 0.25, "top_k": 7, "top_p": 0.5, "min_p": 0.125, "typical_p": 0.75, "seed": 42, "repeat_last_n": 33, "repeat_penalty": 1.5,
              "presence_penalty": 0.5, "frequency_penalty": -0.5, "mirostat": 2, "mirostat_tau": 4, "mirostat_eta": 0.25, "num_ctx": 4096, "num_predict": 99,
              "stop": ["<end>", "", "User:"], "num_gpu": 99, "num_thread": 3, "use_mmap": true
            }
            """);

        Assert.Empty(_warnings);
        Assert.Equal(
            new SamplingOptions
            {
                Temperature = 0.25f,
                TopK = 7,
                TopP = 0.5f,
                MinP = 0.125f,
                TypicalP = 0.75f,
                Seed = 42,
                RepeatLastN = 33,
                RepeatPenalty = 1.5f,
                PresencePenalty = 0.5f,
                FrequencyPenalty = -0.5f,
                Mirostat = 2,
                MirostatTau = 4f,
                MirostatEta = 0.25f,
            },
            options.Sampling);
        Assert.Equal((4096, 99, 0), (options.Load.ContextLength, options.MaxTokens, options.Load.Threads));
        Assert.Equal(["<end>", "User:"], options.Stop);
    }

    [Theory]
    [InlineData("""{"num_predict": -1}""")]
    [InlineData("""{"num_predict": -2, "num_ctx": 0}""")]
    [InlineData("""{"num_predict": "NaN"}""")]
    [InlineData("{}")]
    public void Read_OfWhatIsNoLimit_LeavesItToTheModel(string parameters)
    {
        ServedModelOptions options = Read(parameters);

        Assert.Equal((null, null), (options.MaxTokens, options.Load.ContextLength));
    }

    [Theory]
    [InlineData("temperature", "\"hot\"")]
    [InlineData("temperature", "-1")]
    [InlineData("top_p", "{}")]
    [InlineData("top_k", "[]")]
    [InlineData("num_ctx", "1e300")]
    [InlineData("tfs_z", "1")]
    [InlineData("stop", "null")]
    public void Read_OfWhatMakesNoSense_WarnsAndLeavesItOut(string name, string value)
    {
        ServedModelOptions options = Read($$"""{"{{name}}": {{value}}, "seed": 1}""");

        Assert.Contains($"'{name}'", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Equal(new SamplingOptions { Seed = 1 }, options.Sampling);
        Assert.Null(options.Load.ContextLength);
    }

    [Fact]
    public void Settings_ComeBeforeThePackage()
    {
        ServedModelOptions packaged = Read("""{"temperature": 0.25, "top_k": 7, "num_ctx": 4096}""");

        ServedModelOptions options = ModelSettings.None.With("temp", "1.5").With("ctx-size", "512").ToOptions(packaged);

        Assert.Equal((1.5f, 7, 512), (options.Sampling.Temperature, options.Sampling.TopK, options.Load.ContextLength));
    }

    [Fact]
    public void Read_GivesContextAdaptersAndConversation()
    {
        ServedModelOptions options = PackagedDefaults.Read(Content(null) with
        {
            Facts = Content(null).Facts with { ContextSize = 2048 },
            Adapters = ["/a.gguf", "/b.gguf"],
            System = "Be brief.",
            Messages = [new PackagedMessage("user", "Hello"), new PackagedMessage("assistant", "Hi")],
        });

        Assert.Equal(2048, options.Load.ContextLength);
        Assert.Equal([("/a.gguf", 1f), ("/b.gguf", 1f)], options.Load.Adapters.Select(adapter => (adapter.Path, adapter.Scale)));
        Assert.Equal(["Be brief.", "Hello", "Hi"], options.Conversation.Begin([]).Select(message => message.Content));
    }

    private ServedModelOptions Read(string parameters) => PackagedDefaults.Read(Content(JsonNode.Parse(parameters)!.AsObject()), _warnings.Add);

    private static ModelContent Content(JsonObject? parameters) => new()
    {
        Facts = new ModelFacts { Package = PackageFormat.Ollama, Format = "gguf" },
        Weights = ["/model.gguf"],
        Parameters = parameters,
    };
}
