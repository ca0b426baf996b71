using System.Runtime.InteropServices;
using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Kernels.Attention;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Models.Families;

/// <summary>Logits of models with a state do not depend on how tokens are spread over steps, nor on who else is in a step.</summary>
public sealed class RecurrentStateTests
{
    private const int Tokens = 70;

    public static TheoryData<string> Names => [.. RecurrentModels.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void SplitPrompt_HasTheSameBits(string name) => WithDecoder(name, (decoder, pool) =>
    {
        int[] tokens = Prompt(Tokens, seed: 1, decoder);
        float[] whole = Run(decoder, pool, tokens, Tokens);

        Assert.Equal(whole, Run(decoder, pool, tokens, 1, 2, 5, 33, 29));
        Assert.NotEqual(whole[^decoder.Config.VocabularySize..], Run(decoder, pool, tokens[1..], Tokens - 1)[^decoder.Config.VocabularySize..]);
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void SequencesOfOneStep_HaveTheBitsTheyHaveAlone(string name) => WithDecoder(name, (decoder, pool) =>
    {
        int vocabulary = decoder.Config.VocabularySize;
        int[][] prompts = [.. Enumerable.Range(0, 3).Select(i => Prompt(10 + (7 * i), seed: i, decoder))];
        Sequence[] sequences = [new(), new(), new()];
        List<float>[] results = [[], [], []];
        Batch batch = new();

        // The first sequence starts alone, the second joins, then all three take what is left.
        int[][] counts = [[3, 0, 0], [1, 9, 0], [6, 8, 24]];
        foreach (int[] step in counts)
        {
            batch.Clear();
            for (int i = 0; i < 3; i++)
            {
                if (step[i] > 0)
                {
                    Assert.True(pool.TryReserve(sequences[i], step[i]));
                    batch.Add(sequences[i], prompts[i].AsSpan(sequences[i].Length, step[i]), LogitRows.All);
                }
            }

            float[] logits = new float[batch.OutputRowCount * vocabulary];
            decoder.Forward(batch, pool, logits);
            int first = 0;
            for (int i = 0; i < 3; i++)
            {
                results[i].AddRange(logits.AsSpan(first, step[i] * vocabulary));
                first += step[i] * vocabulary;
            }
        }

        for (int i = 0; i < 3; i++)
        {
            pool.Release(sequences[i]);
            Assert.Equal(Run(decoder, pool, prompts[i], prompts[i].Length), results[i]);
        }
    });

    [Theory]
    [InlineData("mamba")]
    [InlineData("mamba2")]
    [InlineData("rwkv6")]
    [InlineData("rwkv6qwen2")]
    [InlineData("rwkv7")]
    [InlineData("arwkv7")]
    public void PurelyRecurrentModels_NeedNoCache(string name) => WithDecoder(name, (decoder, pool) =>
    {
        Assert.Empty(decoder.CacheLayers);
        Assert.Equal(0, pool.Storage.Bytes);
        Assert.True(decoder.StateLength > 0);
    });

    [Theory]
    [InlineData("mamba2")]
    [InlineData("qwen3next")]
    [InlineData("rwkv7")]
    public async Task Generation_WorksInParallelAndOverSeveralPromptSteps(string name)
    {
        string path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.gguf");
        try
        {
            using (GgufFile stories = GgufFile.Open(Golden.Path("stories", "stories260K.gguf")))
            {
                RecurrentModels.WriteWithVocabulary(RecurrentModels.With(name, ("vocab_size", 512), ("context_length", 1024)), stories.Metadata, path);
            }

            using LanguageModel model = LanguageModel.Load(path, new LanguageModelOptions { Threads = 2 });
            int[] prompt = Prompt(600, seed: 5, model.Decoder);
            string alone = await CompleteAsync(model, prompt);
            string[] together = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => CompleteAsync(model, prompt)));

            Assert.All(together, text => Assert.Equal(alone, text));
            Assert.NotEqual(alone, await CompleteAsync(model, prompt[..300]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<string> CompleteAsync(LanguageModel model, int[] prompt)
    {
        GenerationRequest request = new()
        {
            Prompt = prompt,
            MaxTokens = 12,
            TopLogProbabilities = 0,
            ShowSpecialTokens = true,
            Sampling = new SamplingOptions { Temperature = 0, IgnoreEndOfGeneration = true },
        };
        List<GenerationEvent> events = await model.GenerateAsync(request, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        GenerationFinished finished = Assert.IsType<GenerationFinished>(events[^1]);
        Assert.Equal(12, finished.Usage.CompletionTokens);
        return string.Join(' ', events.OfType<TextDelta>().SelectMany(delta => delta.LogProbabilities).Select(token => token.Token));
    }

    private static void WithDecoder(string name, Action<Decoder, KvPool> action)
    {
        string path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.gguf");
        try
        {
            ModelSynthesizer.Write(RecurrentModels.Get(name), path);
            using GgufFile file = GgufFile.Open(path);
            using CpuDevice device = new(threads: 2);
            Decoder decoder = ModelFamily.Load(file, device);
            using KvPool pool = decoder.CreateCache(16, KvElementType.F32);
            action(decoder, pool);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int[] Prompt(int tokens, int seed, Decoder decoder) =>
        [.. Enumerable.Range(0, tokens).Select(i => ((i * (37 + (2 * seed))) + 11 + seed) % decoder.Config.VocabularySize)];

    // The sequence's slot is one that another had before, after the first call.
    private static float[] Run(Decoder decoder, KvPool pool, int[] tokens, params int[] counts)
    {
        Sequence sequence = new();
        Batch batch = new();
        List<float> results = [];
        foreach (int count in counts)
        {
            batch.Clear();
            Assert.True(pool.TryReserve(sequence, count));
            batch.Add(sequence, tokens.AsSpan(sequence.Length, count), LogitRows.All);
            float[] logits = new float[count * decoder.Config.VocabularySize];
            decoder.Forward(batch, pool, logits);
            results.AddRange(logits);
        }

        pool.Release(sequence);
        Assert.Equal(tokens.Length * decoder.Config.VocabularySize, results.Count);
        Assert.DoesNotContain(CollectionsMarshal.AsSpan(results).ToArray(), value => !float.IsFinite(value));
        return [.. results];
    }
}
