using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Kernels.Attention;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Adapters;

/// <summary>LoRA adapters against a model whose matrices were changed by hand.</summary>
public sealed class LoraTests : IDisposable
{
    private const int Rank = 4;
    private const float Alpha = 8;
    private static readonly string[] s_changed = ["blk.0.attn_q.weight", "blk.0.attn_v.weight", "blk.0.attn_qkv.weight", "blk.1.attn_output.weight", "blk.1.ffn_down.weight", "blk.0.ffn_gate_inp.weight", "blk.1.ffn_up_exps.weight", "blk.1.ffn_down_exps.weight", "output.weight"];
    private readonly string _folder = Directory.CreateTempSubdirectory("hearth-lora").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("llama-biases", 1f)]
    [InlineData("llama-biases", -0.5f)]
    [InlineData("llama-fused", 0.5f)]
    [InlineData("llama-experts", 0.5f)]
    public void Adapter_EqualsAModelWithItsChangesMergedIn(string name, float scale)
    {
        (string model, string adapter, string merged) = Write(scale, name);

        float[] adapted = Score(model, new LoraAdapter(adapter, scale));
        float[] expected = Score(merged);

        Assert.True(Golden.NormalizedMeanSquaredError(adapted, expected) < 1e-10);
        Assert.True(Golden.NormalizedMeanSquaredError(Score(model), expected) > 1e-3, "The changes should matter.");
    }

    [Fact]
    public void Adapter_WithScaleZero_ChangesNothing()
    {
        (string model, string adapter, _) = Write(1);

        Assert.Equal(Score(model), Score(model, new LoraAdapter(adapter, 0)));
    }

    [Fact]
    public void Adapters_AddUp()
    {
        (string model, string adapter, string merged) = Write(1);

        float[] adapted = Score(model, new LoraAdapter(adapter, 0.25f), new LoraAdapter(adapter, 0.75f));

        Assert.True(Golden.NormalizedMeanSquaredError(adapted, Score(merged)) < 1e-10);
    }

    [Theory]
    [InlineData("llama-biases")]
    [InlineData("llama-experts")]
    public void Sequences_OfOneBatch_HaveTheirOwnScales(string name)
    {
        (string path, string adapter, _) = Write(1, name);
        using GgufFile file = GgufFile.Open(path);
        using GgufFile adapterFile = GgufFile.Open(adapter);
        using CpuDevice device = new(2);
        Decoder decoder = ModelFamily.Load(file, device, [adapterFile]);
        float[][] scales = [[1], [0], [0.5f]];

        float[] together = Forward(decoder, scales);

        float[] alone = [.. scales.SelectMany(scale => Forward(decoder, [scale]))];
        Assert.Equal(alone, together);
        int row = decoder.Config.VocabularySize;
        Assert.NotEqual(together[..row], together[row..(2 * row)]);
    }

    [Theory]
    [InlineData("llama-biases")]
    [InlineData("llama-experts")]
    public void Tokens_OneByOne_AreChangedLikeAWholePrompt(string name)
    {
        (string path, string adapter, _) = Write(1, name);
        using GgufFile file = GgufFile.Open(path);
        using GgufFile adapterFile = GgufFile.Open(adapter);
        using CpuDevice device = new(2);
        Decoder decoder = ModelFamily.Load(file, device, [adapterFile]);
        using KvPool pool = decoder.CreateCache(8, KvElementType.F32);
        Sequence sequence = new() { AdapterScales = [1] };
        Assert.True(pool.TryReserve(sequence, 5));
        float[] logits = new float[decoder.Config.VocabularySize];
        foreach (int token in new[] { 3, 1, 4, 1, 5 })
        {
            Batch batch = new();
            batch.Add(sequence, [token], LogitRows.Last);
            decoder.Forward(batch, pool, logits);
        }

        Assert.Equal(Forward(decoder, [[1]]), logits);
    }

    [Theory]
    [InlineData("blk.0.attn_norm.weight")]
    [InlineData("token_embd.weight")]
    [InlineData("blk.9.attn_q.weight")]
    public void Adapter_OfAnotherTensor_IsRefusedByName(string name)
    {
        (string model, _, _) = Write(1);
        string adapter = Adapter("llama", writer => writer.Add(name + ".lora_a", [64, 1], new float[64]).Add(name + ".lora_b", [1, 64], new float[64]));

        LoraException exception = Assert.Throws<LoraException>(() => Score(model, new LoraAdapter(adapter)));
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adapter_OfAnotherArchitecture_IsRefused()
    {
        (string model, _, _) = Write(1);
        string adapter = Adapter("qwen2", _ => { });

        LoraException exception = Assert.Throws<LoraException>(() => Score(model, new LoraAdapter(adapter)));
        Assert.Contains("qwen2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adapter_WithOneHalfOnly_IsRefused()
    {
        (string model, _, _) = Write(1);
        string adapter = Adapter("llama", writer => writer.Add("blk.0.attn_q.weight.lora_a", [64, 1], new float[64]));

        LoraException exception = Assert.Throws<LoraException>(() => Score(model, new LoraAdapter(adapter)));
        Assert.Contains("lora_b", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adapter_OfAnotherShape_IsRefused()
    {
        (string model, _, _) = Write(1);
        string adapter = Adapter("llama", writer => writer.Add("blk.0.attn_q.weight.lora_a", [32, 1], new float[32]).Add("blk.0.attn_q.weight.lora_b", [1, 64], new float[64]));

        LoraException exception = Assert.Throws<LoraException>(() => Score(model, new LoraAdapter(adapter)));
        Assert.Contains("shape", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_IsNoAdapter()
    {
        (string model, _, _) = Write(1);

        Assert.Throws<LoraException>(() => Score(model, new LoraAdapter(model)));
    }

    private static float[] Score(string path, params LoraAdapter[] adapters)
    {
        using LogitScorer scorer = LogitScorer.Load(path, new LanguageModelOptions { Adapters = adapters, CacheType = KvElementType.F32 });
        List<float> logits = [];
        scorer.Score([.. Enumerable.Range(0, 24).Select(i => ((i * 37) + 11) % scorer.Config.VocabularySize)], row => logits.AddRange(row), TestContext.Current.CancellationToken);
        return [.. logits];
    }

    private static float[] Forward(Decoder decoder, float[][] scales)
    {
        using KvPool pool = decoder.CreateCache(8, KvElementType.F32);
        Batch batch = new();
        foreach (float[] scale in scales)
        {
            Sequence sequence = new() { AdapterScales = scale };
            Assert.True(pool.TryReserve(sequence, 5));
            batch.Add(sequence, [3, 1, 4, 1, 5], LogitRows.Last);
        }

        float[] logits = new float[scales.Length * decoder.Config.VocabularySize];
        decoder.Forward(batch, pool, logits);
        return logits;
    }

    private string Adapter(string architecture, Action<GgufWriter> add)
    {
        GgufWriter writer = new GgufWriter()
            .Set("general.type", "adapter")
            .Set("general.architecture", architecture)
            .Set("adapter.type", "lora")
            .Set("adapter.lora.alpha", Alpha);
        add(writer);
        string path = Path.Combine(_folder, "adapter.gguf");
        writer.Save(path);
        return path;
    }

    private (string Model, string Adapter, string Merged) Write(float scale, string name = "llama-biases")
    {
        string model = Path.Combine(_folder, "model.gguf");
        ModelSynthesizer.Write(ModelCases.All.First(found => found.Name == name), model);
        string merged = Path.Combine(_folder, "merged.gguf");
        using GgufFile file = GgufFile.Open(model);
        GgufWriter mergedWriter = new(file.Metadata);
        Random random = new(7);
        Dictionary<string, (float[] Down, float[] Up)> changes = file.Tensors.Where(tensor => s_changed.Contains(tensor.Name)).ToDictionary(
            tensor => tensor.Name,
            tensor => (Numbers(random, Rank * Slices(tensor) * (int)tensor.Dimensions[0]), Numbers(random, Rank * Slices(tensor) * (int)tensor.Dimensions[1])));
        foreach (GgufTensor tensor in file.Tensors)
        {
            float[] values = file.ReadFloats(tensor);
            if (changes.TryGetValue(tensor.Name, out (float[] Down, float[] Up) change))
            {
                Merge(values, tensor, change.Down, change.Up, scale * Alpha / Rank);
            }

            mergedWriter.Add(tensor.Name, [.. tensor.Dimensions], values);
        }

        mergedWriter.Save(merged);
        string adapter = Adapter("llama", writer =>
        {
            foreach ((string changed, (float[] down, float[] up)) in changes)
            {
                file.TryGetTensor(changed, out GgufTensor? tensor);
                long[] slices = Slices(tensor!) == 1 ? [] : [Slices(tensor!)];
                writer.Add(changed + ".lora_a", [tensor!.Dimensions[0], Rank, .. slices], down).Add(changed + ".lora_b", [Rank, tensor.Dimensions[1], .. slices], up);
            }
        });
        return (model, adapter, merged);
    }

    private static int Slices(GgufTensor tensor) => tensor.Dimensions.Length > 2 ? (int)tensor.Dimensions[2] : 1;

    private static void Merge(float[] weight, GgufTensor tensor, float[] down, float[] up, float factor)
    {
        int columns = (int)tensor.Dimensions[0];
        int size = columns * (int)tensor.Dimensions[1];
        for (int i = 0; i < weight.Length; i++)
        {
            int slice = i / size;
            double change = 0;
            for (int r = 0; r < Rank; r++)
            {
                change += (double)up[(i / columns * Rank) + r] * down[(((slice * Rank) + r) * columns) + (i % columns)];
            }

            weight[i] += (float)(factor * change);
        }
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 0.3f)];
}
