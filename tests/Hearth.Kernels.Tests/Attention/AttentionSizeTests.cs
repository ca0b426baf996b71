using Hearth.Kernels.Attention;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Attention;

/// <summary>Large and odd heads, and many query heads for one key and value head.</summary>
public sealed class AttentionSizeTests
{
    /// <summary>heads, key and value heads, key size, value size, element type.</summary>
    public static TheoryData<int, int, int, int, KvElementType> Sizes => new()
    {
        { 16, 1, 576, 512, KvElementType.F16 },
        { 3, 1, 576, 512, KvElementType.F32 },
        { 40, 1, 288, 256, KvElementType.F16 },
        { 100, 1, 12, 20, KvElementType.F16 },
        { 130, 2, 8, 8, KvElementType.F32 },
        { 6, 2, 192, 128, KvElementType.F16 },
        { 4, 2, 256, 256, KvElementType.F16 },
        { 8, 1, 300, 300, KvElementType.F16 },
        { 8, 1, 300, 300, KvElementType.F32 },
        { 4, 2, 160, 160, KvElementType.F16 },
        { 4, 2, 112, 112, KvElementType.F16 },
        { 4, 2, 100, 100, KvElementType.F16 },
        { 4, 2, 96, 96, KvElementType.F16 },
        { 8, 1, 80, 80, KvElementType.F16 },
        { 8, 1, 72, 72, KvElementType.F16 },
        { 16, 1, 576, 512, KvElementType.BF16 },
        { 8, 1, 300, 300, KvElementType.BF16 },
        { 4, 2, 80, 80, KvElementType.BF16 },
        { 16, 1, 576, 512, KvElementType.Q8_0 },
        { 8, 1, 300, 300, KvElementType.Q8_0 },
        { 40, 1, 288, 256, KvElementType.Q8_0 },
        { 4, 2, 80, 80, KvElementType.Q8_0 },
        { 5, 1, 7, 5, KvElementType.Q8_0 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Any_size_is_the_formula_at_every_level_in_any_batch(
        int heads, int keyValueHeads, int keySize, int valueSize, KvElementType type)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        using AttentionCase attention = new(heads, keyValueHeads, keySize, valueSize, [290, 70], type) { Scale = 0.1f };
        attention.StoreAll(three);
        (int Sequence, int Position)[] rows = [.. AttentionCase.Rows(1, 61, 70), (0, 289), (0, 0), .. AttentionCase.Rows(0, 254, 258)];
        float[] expected = attention.Run(one, InstructionSetLevel.Scalar, rows);
        int width = heads * valueSize;
        foreach (int row in new[] { 8, 9, 10, 12 })
        {
            double[] formula = attention.Expected(rows[row].Sequence, rows[row].Position);
            OperationData.AssertClose(formula, expected.AsSpan(row * width, width), 2e-5, 3e-6);
        }

        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            OperationData.AssertSameBits(expected, attention.Run(three, level, rows));
            for (int row = 0; row < rows.Length; row += 3)
            {
                OperationData.AssertSameBits(expected.AsSpan(row * width, width), attention.Run(three, level, rows[row]));
            }
        }
    }

    [Fact]
    public void A_long_context_of_one_key_head_has_the_same_bits_in_segments_and_alone()
    {
        using ComputePool one = new(1);
        using ComputePool four = new(4);
        using AttentionCase attention = new(66, 1, 20, 280, [2500, 40]);
        attention.StoreAll(four);
        float[] expected = attention.Run(one, InstructionSetLevel.Scalar, (0, 2499));
        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            OperationData.AssertSameBits(expected, attention.Run(four, level, (0, 2499)));
            float[] mixed = attention.Run(four, level, [(0, 2499), .. AttentionCase.Rows(1, 0, 40)]);
            OperationData.AssertSameBits(expected, mixed.AsSpan(0, expected.Length));
        }
    }

    [Fact]
    public void Layers_of_different_shapes_do_not_touch_each_other()
    {
        using ComputePool pool = new(1);
        KvLayerShape[] layers = [new(2, 24, 40), new(1, 96, 64), new(4, 7, 5)];
        using KvStorage together = new(layers, 2, KvElementType.F16);
        float[][] keys = [.. layers.Select((layer, i) => OperationData.Random(i, 50 * layer.KeyValueHeads * layer.KeySize))];
        float[][] values = [.. layers.Select((layer, i) => OperationData.Random(9 + i, 50 * layer.KeyValueHeads * layer.ValueSize))];
        int[] slots = [.. Enumerable.Range(32, 32), .. Enumerable.Range(0, 18)];
        for (int layer = 0; layer < layers.Length; layer++)
        {
            KvStoreOp.Run(pool, together, layer, keys[layer], values[layer], slots);
        }

        for (int layer = 0; layer < layers.Length; layer++)
        {
            using KvStorage alone = new([layers[layer]], 2, KvElementType.F16);
            KvStoreOp.Run(pool, alone, 0, keys[layer], values[layer], slots);
            Assert.Equal(Attend(alone, 0), Attend(together, layer));
        }

        float[] Attend(KvStorage storage, int layer)
        {
            KvLayerShape shape = storage.Layer(layer);
            float[] output = new float[shape.KeyValueHeads * shape.ValueSize];
            AttentionArguments arguments = new()
            {
                Queries = OperationData.Random(1, shape.KeyValueHeads * shape.KeySize),
                Output = output,
                Storage = storage,
                Layer = layer,
                Heads = shape.KeyValueHeads,
                BlockTables = new[] { 1, 0 },
                BlockTableStride = 2,
                RowSequences = new int[1],
                RowPositions = new[] { 49 },
                Scale = 1f,
            };
            AttentionOp.Run(pool, arguments);
            Assert.Contains(output, value => value != 0f);
            return output;
        }
    }
}
