using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Tests.Scheduling;

/// <summary>The same request has the same tokens and the same bits of log-probability, whatever else goes on.</summary>
public sealed class SameAnswerTests
{
    private static readonly SpeculationOptions s_plain = new() { PromptLookup = false };

    // Guesses cost nothing, so that everything is guessed that can be.
    private static readonly SpeculationOptions s_eager = new() { StepCost = _ => 1 };

    public static TheoryData<string> Models => ["stories", "quantized", "qwen3next", "mamba2", "lfm2"];

    [Theory]
    [MemberData(nameof(Models))]
    public Task AnyLoad_SameBits(string name) => WithModelAsync(name, async path =>
    {
        string[] alone = await AloneAsync(path, threads: 1);
        Assert.Equal(20, alone.Distinct().Count());

        using LanguageModel model = LanguageModel.Load(path, new LanguageModelOptions { Threads = 2, Parallel = 16, ContextLength = 512, Speculation = s_plain });
        GenerationRequest[] requests = Traces.Requests(model);
        string[] cold = await Traces.TogetherAsync(model, requests);
        string[] warm = await Traces.TogetherAsync(model, requests);

        Assert.Equal(alone, cold);
        Assert.Equal(alone, warm);
        Assert.True(model.Statistics.CachedTokens > 1000, $"{model.Statistics}");
        Assert.Equal(0, model.Statistics.UsedBlocks);
    });

    [Theory]
    [MemberData(nameof(Models))]
    public Task Preempted_SameBits(string name) => WithModelAsync(name, async path =>
    {
        string[] alone = await AloneAsync(path, threads: 2);
        LanguageModelOptions options = new() { Threads = 2, Parallel = 16, ContextLength = 416, CacheBytes = 1, Speculation = s_plain };
        using LanguageModel model = LanguageModel.Load(path, options);
        if (model.Decoder.CacheLayers.Count == 0)
        {
            return; // states only: nothing ever runs out
        }

        string[] crowded = await Traces.TogetherAsync(model, Traces.Requests(model));

        Assert.Equal(alone, crowded);
        Assert.True(model.Statistics.Preemptions > 0, $"{model.Statistics}");
        Assert.Equal((0, 0), (model.Statistics.UsedBlocks, model.Statistics.Waiting));
    });

    [Theory]
    [InlineData("stories", 1)]
    [InlineData("stories", 2)]
    [InlineData("quantized", 2)]
    public Task PromptLookup_SameBits(string name, int threads) => WithModelAsync(name, async path =>
    {
        string[] alone = await AloneAsync(path, threads);
        using LanguageModel model = LanguageModel.Load(path, new LanguageModelOptions { Threads = threads, Parallel = 4, ContextLength = 512, Speculation = s_eager });

        string[] guessed = await Traces.OneByOneAsync(model, Traces.Requests(model));

        Assert.Equal(alone, guessed);
        Assert.True(model.Statistics.AcceptedTokens > 0, $"{model.Statistics}");
        Assert.True(model.Statistics.DraftTokens > model.Statistics.AcceptedTokens, $"{model.Statistics}");
        Assert.Equal(alone, await Traces.TogetherAsync(model, Traces.Requests(model)));
        Assert.Equal(0, model.Statistics.UsedBlocks);
    });

    [Theory]
    [InlineData("stories", "stories")] // always right
    [InlineData("stories", "llama")] // hardly ever right
    public async Task DraftModel_SameBits(string target, string draft)
    {
        await WithModelAsync(target, path => WithModelAsync(draft, async draftPath =>
        {
            string[] alone = await AloneAsync(path, threads: 2);
            SpeculationOptions speculation = s_eager with { PromptLookup = false, DraftPath = draftPath, MaxTokens = 4 };
            using LanguageModel model = LanguageModel.Load(path, new LanguageModelOptions { Threads = 2, ContextLength = 512, Parallel = 4, Speculation = speculation });

            string[] guessed = await Traces.OneByOneAsync(model, Traces.Requests(model));

            Assert.Equal(alone, guessed);
            Assert.True(model.Statistics.DraftTokens > 100, $"{model.Statistics}");
            Assert.Equal(target == draft, model.Statistics.AcceptedTokens > model.Statistics.DraftTokens / 2);
            Assert.Equal(alone, await Traces.TogetherAsync(model, Traces.Requests(model)));
            Assert.Equal(0, model.Statistics.UsedBlocks);
        }));
    }

    [Theory]
    [InlineData(KvElementType.Q8_0)]
    [InlineData(KvElementType.BF16)]
    public async Task OtherCacheTypes_SameBits(KvElementType type)
    {
        LanguageModelOptions options = new() { Threads = 2, ContextLength = 512, CacheType = type, Speculation = s_plain };
        string[] alone;
        using (LanguageModel first = LanguageModel.Load(Traces.Stories, options with { Parallel = 1 }))
        {
            alone = await Traces.OneByOneAsync(first, Traces.Requests(first));
        }

        using LanguageModel model = LanguageModel.Load(Traces.Stories, options with { Parallel = 16 });
        Assert.Equal(alone, await Traces.TogetherAsync(model, Traces.Requests(model)));
        Assert.Equal(alone, await Traces.TogetherAsync(model, Traces.Requests(model)));
    }

    // A model anew for each request: nothing is cached, nobody else is there.
    private static async Task<string[]> AloneAsync(string path, int threads)
    {
        List<string> traces = [];
        for (int i = 0; i < 20; i++)
        {
            using LanguageModel model = LanguageModel.Load(path, new LanguageModelOptions { Threads = threads, Parallel = 1, ContextLength = 512, Speculation = s_plain });
            traces.Add(await Traces.RunAsync(model, Traces.Requests(model)[i]));
        }

        return [.. traces];
    }

    private static async Task WithModelAsync(string name, Func<string, Task> test)
    {
        if (name == "stories")
        {
            await test(Traces.Stories);
            return;
        }

        string path = name == "quantized" ? Traces.WriteQuantized("Q4_K_M") : Traces.Write(name);
        try
        {
            await test(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
