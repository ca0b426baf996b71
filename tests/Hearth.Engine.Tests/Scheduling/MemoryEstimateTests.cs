using System.Diagnostics;
using System.Globalization;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Scheduling;

/// <summary>
/// The estimate beside what a process really comes to hold, its mapped file included, when a text fills the context. Each model is loaded in a
/// process of its own, which is this program again.
/// </summary>
public sealed class MemoryEstimateTests : IDisposable
{
    private const string ModelVariable = "HEARTH_TEST_MEMORY_MODEL";
    private const string ContextVariable = "HEARTH_TEST_MEMORY_CONTEXT";
    private const string ResultVariable = "HEARTH_TEST_MEMORY_RESULT";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("llama", 1024)]
    [InlineData("llama", 4096)]
    [InlineData("gemma3", 1024)]
    [InlineData("qwen3moe", 1024)]
    [InlineData("granitehybrid", 1024)]
    [InlineData("bert", 512)]
    public async Task Estimate_IsWithinATenthOfWhatIsHeld(string architecture, int context)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident memory is read from /proc.");
        string model = Write(architecture);
        LanguageModelOptions options = Options(context);

        long estimate = ModelHeader.Read(model).Estimate(options).Total;
        long held = await MeasureAsync(model, context);

        TestContext.Current.TestOutputHelper?.WriteLine($"{architecture} {context}: {estimate >> 20} MiB estimated, {held >> 20} MiB held, {(double)estimate / held:F3}");
        Assert.InRange((double)estimate / held, 0.9, 1.1);
    }

    [Fact]
    public void Estimate_CountsWhatWasAskedFor()
    {
        string model = Write("llama", layers: 1);
        LanguageModelOptions options = Options(1024);
        ModelHeader header = ModelHeader.Read(model);
        MemoryEstimate one = header.Estimate(options);

        Assert.Equal(2 * one.Cache, header.Estimate(options with { ContextLength = 2048 }).Cache);
        Assert.Equal(3 * one.Cache, header.Estimate(options with { Parallel = 3 }).Cache);
        Assert.Equal(4 * one.Cache, header.Estimate(options with { CacheBytes = 4 * one.Cache }).Cache);
        Assert.Equal(one.Cache, header.Estimate(options with { CacheBytes = 1 }).Cache);
        Assert.Equal(one.Total, header.Estimate(options with { Speculation = new SpeculationOptions { DraftPath = model } }).Draft);
        Assert.Equal((one.Weights, true), (header.EstimateEmbedding(options).Weights, header.EstimateEmbedding(options).Total < 2 * one.Total));
    }

    /// <summary>What the other process does; it is a test so that this program can be told to do it.</summary>
    [Fact(Explicit = true)]
    public async Task HoldAndMeasure()
    {
        string path = Environment.GetEnvironmentVariable(ModelVariable) ?? throw new InvalidOperationException("This is run by the other tests.");
        int context = int.Parse(Environment.GetEnvironmentVariable(ContextVariable)!, CultureInfo.InvariantCulture);
        long before = ResidentBytes();
        LoadedModel loaded = LoadedModel.Load(path, Options(context));
        using IDisposable owner = (IDisposable?)loaded.Language ?? loaded.Embedding!;
        int vocabulary = (loaded.Language?.Config ?? loaded.Embedding!.Config).VocabularySize;
        int[] tokens = [.. Enumerable.Range(0, context - 8).Select(i => (int)((i * 7919L) % vocabulary))];
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        if (loaded.Language is LanguageModel model)
        {
            await model.GenerateAsync(new GenerationRequest { Prompt = tokens, MaxTokens = 4 }, cancellationToken).LastAsync(cancellationToken);

            // Texts of a block each: a recurrent model keeps a state for every one.
            for (int first = 0; model.Decoder.StateLength > 0 && first < context / 32; first++)
            {
                await model.GenerateAsync(new GenerationRequest { Prompt = tokens[first..(first + 33)], MaxTokens = 1 }, cancellationToken).LastAsync(cancellationToken);
            }
        }
        else
        {
            // A whole context, and then a step of many texts, each of which has blocks of its own.
            int[][] texts = [tokens, .. Enumerable.Repeat(tokens[..1], 63), tokens[..449]];
            await loaded.Embedding!.EmbedAsync(texts, cancellationToken: cancellationToken);
        }

        await File.WriteAllTextAsync(Environment.GetEnvironmentVariable(ResultVariable)!, $"{ResidentBytes() - before}", cancellationToken);
    }

    private static long ResidentBytes()
    {
        const string Field = "VmRSS:";
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith(Field, StringComparison.Ordinal));
        return long.Parse(line[Field.Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) << 10;
    }

    private static LanguageModelOptions Options(int context) => new() { ContextLength = context, Parallel = 1 };

    private async Task<long> MeasureAsync(string model, int context)
    {
        string result = Path.Combine(_folder.FullName, "held");
        string method = $"{typeof(MemoryEstimateTests).FullName}.{nameof(HoldAndMeasure)}";
        ProcessStartInfo start = new("dotnet", [typeof(MemoryEstimateTests).Assembly.Location, "-explicit", "only", "-method", method]) { RedirectStandardOutput = true };
        start.Environment[ModelVariable] = model;
        start.Environment[ContextVariable] = context.ToString(CultureInfo.InvariantCulture);
        start.Environment[ResultVariable] = result;
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(File.Exists(result), output);
        return long.Parse(await File.ReadAllTextAsync(result, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
    }

    /// <summary>Writes a model of some two hundred megabytes with a real vocabulary.</summary>
    private string Write(string architecture, int layers = 8)
    {
        bool isEncoder = architecture == "bert";
        using GgufFile vocabulary = GgufFile.Open(Golden.Path("vocab", isEncoder ? "bert-bge.gguf" : "llama-spm.gguf"));
        ModelCase small = ModelCases.All.First(model => model.Name == (architecture == "llama" ? "context-linear-old" : architecture));
        ModelCase large = small with
        {
            Entries =
            [
                .. small.Entries, ("vocab_size", vocabulary.Metadata.GetStrings("tokenizer.ggml.tokens")!.Count), ("context_length", 4096), ("embedding_length", 512),
                ("block_count", layers), ("feed_forward_length", 1536), ("attention.head_count", 8),
                ("attention.head_count_kv", architecture == "granitehybrid" ? (int[])[0, 4, 0, 4, 0, 4, 0, 4] : isEncoder ? 8 : 4),
                ("expert_feed_forward_length", 384), .. architecture == "granitehybrid" ? (ReadOnlySpan<(string, GgufValue)>)[("ssm.inner_size", 1024), ("ssm.state_size", 64)] : [],
            ],
        };
        GgufMetadata metadata = large.Metadata();
        RecordingWeightSource source = new(large);
        ModelFamily.Compose(metadata, source);
        GgufWriter writer = new(metadata);
        foreach ((string key, GgufValue value) in vocabulary.Metadata.Where(pair => pair.Key.StartsWith("tokenizer.", StringComparison.Ordinal)))
        {
            writer.Set(key, value);
        }

        foreach (RecordedTensor tensor in source.Tensors)
        {
            writer.Add(tensor.Name, tensor.Dimensions, WeightValues.Make(large, tensor));
        }

        string path = Path.Combine(_folder.FullName, architecture + ".gguf");
        writer.Save(path);
        return path;
    }
}
