using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Tests.Models.Synthesis;

namespace Hearth.Engine.Tests.Models.Families;

/// <summary>Headers of models with a state that make no sense, or ask for what is not supported.</summary>
public sealed class RecurrentFamilyTests
{
    private static readonly GgufValue[] s_values =
        [0u, 1u, 3u, 7u, 4096u, 65_536u, 1u << 20, (uint)int.MaxValue, uint.MaxValue, -1, float.NaN, 0f, "text", true, new int[] { 1, 2 }, new bool[] { true }];

    public static TheoryData<string> Names => [.. RecurrentModels.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryEntryWithEveryValue_LoadsOrIsATypedError(string name)
    {
        string path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.gguf");
        ModelCase model = RecurrentModels.Get(name);
        int refused = 0;
        try
        {
            ModelSynthesizer.Write(model, path);
            using GgufFile file = GgufFile.Open(path);
            foreach (string key in file.Metadata.Keys.Where(key => key.StartsWith(model.Architecture + ".", StringComparison.Ordinal)))
            {
                foreach (GgufValue value in s_values)
                {
                    Exception? error = Record.Exception(() => Compose(file, key, value));
                    Assert.True(error is null or ModelException or GgufException, $"{key} = {value}: {error}");
                    refused += error is null ? 0 : 1;
                }
            }
        }
        finally
        {
            File.Delete(path);
        }

        Assert.InRange(refused, 60, int.MaxValue);
    }

    [Theory]
    [InlineData("mamba2", "ssm.group_count", 3, "ssm.group_count")]
    [InlineData("mamba2", "ssm.time_step_rank", 6, "ssm.time_step_rank")]
    [InlineData("plamo2", "ssm.group_count", 2, "2 groups")]
    [InlineData("qwen3next", "ssm.inner_size", 96, "ssm.inner_size")]
    [InlineData("qwen35", "ssm.group_count", 3, "ssm.group_count")]
    [InlineData("rwkv7", "wkv.head_size", 24, "wkv.head_size")]
    [InlineData("lfm2", "shortconv.l_cache", 1, "shortconv.l_cache")]
    [InlineData("mamba", "ssm.conv_kernel", 257, "ssm.conv_kernel")]
    public void ImpossibleSizes_AreNamed(string name, string key, int value, string expected)
    {
        ModelException error = Assert.Throws<ModelException>(() => Compose(RecurrentModels.With(name, (key, value))));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ConvolutionThatSeesBothWays_IsRefused()
    {
        ModelException error = Assert.Throws<ModelException>(() => Compose(RecurrentModels.With("lfm2", ("attention.causal", false))));

        Assert.Equal(ModelErrorKind.UnsupportedFeature, error.Kind);
    }

    [Fact]
    public void StateBeyondReason_IsRefused()
    {
        ModelException error = Assert.Throws<ModelException>(
            () => Compose(RecurrentModels.With("mamba2", ("ssm.inner_size", 1 << 20), ("ssm.state_size", 4096), ("embedding_length", 1))));

        Assert.Contains("recurrent state", error.Message, StringComparison.Ordinal);
    }

    private static void Compose(ModelCase model) => ModelFamily.Compose(model.Metadata(), new SizedWeightSource());

    private static void Compose(GgufFile file, string key, GgufValue value)
    {
        using CpuDevice device = new(threads: 1);
        GgufMetadata metadata = GgufMetadata.FromPairs(file.Metadata.Select(pair => pair.Key == key ? KeyValuePair.Create(key, value) : pair));
        ModelFamily.Compose(metadata, new GgufWeightSource(file, device));
    }

    /// <summary>Has every tensor in any size, without memory behind it.</summary>
    private sealed class SizedWeightSource : WeightSource
    {
        public override bool Has(string name) => !name.Contains("attn_q", StringComparison.Ordinal);

        public override long Rows(string name) => 0;

        public override float[] OptionalFloats(string name, params ReadOnlySpan<int> shape)
        {
            int length = name.EndsWith(".scale", StringComparison.Ordinal) || name.StartsWith("rope", StringComparison.Ordinal) ? 0 : 1;
            foreach (int count in shape)
            {
                length = checked(length * count);
            }

            return new float[length];
        }

        public override Tensor AddVector(ReadOnlySpan<float> values) => new(TensorHeap.Vectors, 0, 1, values.Length);

        protected override IReadOnlyList<Tensor> FindParts(string name, int columns, ReadOnlySpan<int> rows, float scale)
        {
            List<Tensor> parts = [];
            foreach (int count in rows)
            {
                parts.Add(new Tensor(TensorHeap.Weights, 0, count, columns));
            }

            return parts;
        }

        protected override IReadOnlyList<IReadOnlyList<Tensor>> FindStack(
            string name, int count, int columns, ReadOnlySpan<int> rows, ReadOnlySpan<float> scales) =>
            [.. Enumerable.Repeat(FindParts(name, columns, rows, 1), count)];
    }
}
