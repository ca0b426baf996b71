using Hearth.Engine.Gguf;
using Hearth.Engine.Quantization;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tests.Models.Families;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Kernels.Threading;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Scheduling;

/// <summary>Runs requests and keeps every token with the bits of its log-probability.</summary>
internal static class Traces
{
    private static readonly string[] s_beginnings =
    [
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw",
        "Tom and his mom went to the park. They saw a big dog. The dog was happy. The dog was happy. The dog was",
        "One day, a big bear was very sad because he could not find",
        "The cat",
    ];

    /// <summary>Twenty requests: prompts that share beginnings, greedy and sampled, short and long answers.</summary>
    public static GenerationRequest[] Requests(LanguageModel model) =>
    [
        .. Enumerable.Range(0, 20).Select(i => new GenerationRequest
        {
            Prompt = Prompt(model, i),
            MaxTokens = 12 + (i * 5),
            TopLogProbabilities = 0,
            ShowSpecialTokens = true,
            Sampling = i % 2 == 0
                ? new SamplingOptions { Temperature = 0, IgnoreEndOfGeneration = true }
                : new SamplingOptions { Temperature = 0.8f, Seed = (uint)i, RepeatPenalty = i % 3 == 0 ? 1.1f : 1, IgnoreEndOfGeneration = true },
        }),
    ];

    /// <summary>The stories model.</summary>
    public static string Stories => Golden.Path("stories", "stories260K.gguf");

    /// <summary>A file with another model's weights and the stories' vocabulary; the caller deletes it.</summary>
    public static string Write(string name)
    {
        string path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.gguf");
        using GgufFile stories = GgufFile.Open(Stories);
        ModelCase model = name == "llama"
            ? new ModelCase(name, name) { Entries = [("vocab_size", 512), ("context_length", 1024), ("embedding_length", 256), ("feed_forward_length", 512), ("attention.layer_norm_rms_epsilon", 1e-5f)] }
            : RecurrentModels.With(name, ("vocab_size", 512), ("context_length", 1024));
        RecurrentModels.WriteWithVocabulary(model, stories.Metadata, path);
        return path;
    }

    /// <summary>A file with quantised weights and the stories' vocabulary; the caller deletes it.</summary>
    public static string WriteQuantized(string type)
    {
        string plain = Write("llama");
        string path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.gguf");
        try
        {
            using GgufFile file = GgufFile.Open(plain);
            using ComputePool pool = new(1);
            Quantizer.Run(file, QuantizationPlan.Create(file, new QuantizationOptions { Type = type }), path, overwrite: false, pool);
            return path;
        }
        finally
        {
            File.Delete(plain);
        }
    }

    public static async Task<string[]> OneByOneAsync(LanguageModel model, IEnumerable<GenerationRequest> requests)
    {
        List<string> traces = [];
        foreach (GenerationRequest request in requests)
        {
            traces.Add(await RunAsync(model, request));
        }

        return [.. traces];
    }

    public static Task<string[]> TogetherAsync(LanguageModel model, IEnumerable<GenerationRequest> requests) =>
        Task.WhenAll(requests.Select(request => RunAsync(model, request)));

    public static async Task<string> RunAsync(LanguageModel model, GenerationRequest request) => Trace(await EventsAsync(model, request));

    public static async Task<List<GenerationEvent>> EventsAsync(LanguageModel model, GenerationRequest request) =>
        await model.GenerateAsync(request, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    public static string Trace(IEnumerable<GenerationEvent> events) => string.Join(' ', events.OfType<TextDelta>()
        .SelectMany(delta => delta.LogProbabilities)
        .Select(token => $"{token.Token}:{BitConverter.SingleToUInt32Bits(token.LogProbability):x8}"));

    public static GenerationUsage Usage(IEnumerable<GenerationEvent> events) => Assert.IsType<GenerationFinished>(events.Last()).Usage;

    /// <summary>Tokens in the vocabulary's range that no other seed's begin with.</summary>
    public static int[] Tokens(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => 3 + (((i * 7) + (seed * 131) + (i * i % 11)) % 500))];

    // Some prompts are longer than a step takes, some are shorter than a block, and some begin like others.
    private static IReadOnlyList<int> Prompt(LanguageModel model, int i)
    {
        IReadOnlyList<int> beginning = model.Tokenizer.Encode(s_beginnings[i % s_beginnings.Length], addSpecial: true, parseSpecial: false);
        return i < 8 ? beginning : [.. beginning, .. Tokens(i * 9, i / 5)];
    }
}
