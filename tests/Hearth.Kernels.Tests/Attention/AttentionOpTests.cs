using Hearth.Kernels.Attention;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Attention;

public sealed class AttentionOpTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    public static MatrixTheoryData<string, KvElementType> LevelsAndTypes =>
        new(OperationData.AllLevels.Select(level => level.ToString()), Enum.GetValues<KvElementType>());

    /// <summary>heads, key and value heads, key size, value size, window, soft cap, element type.</summary>
    public static TheoryData<int, int, int, int, int, float, KvElementType> Shapes => new()
    {
        { 15, 5, 64, 64, 0, 0f, KvElementType.F16 },
        { 3, 3, 32, 32, 0, 0f, KvElementType.F16 },
        { 8, 1, 128, 128, 0, 0f, KvElementType.F16 },
        { 4, 2, 80, 80, 0, 0f, KvElementType.F32 },
        { 6, 2, 96, 48, 100, 0f, KvElementType.F16 },
        { 2, 1, 7, 5, 0, 5f, KvElementType.F16 },
        { 4, 4, 24, 40, 33, 2f, KvElementType.F32 },
        { 71, 1, 16, 16, 300, 0f, KvElementType.F16 },
        { 4, 2, 64, 64, 1, 0f, KvElementType.F16 },
        { 15, 5, 64, 64, 0, 0f, KvElementType.BF16 },
        { 8, 1, 128, 128, 0, 0f, KvElementType.BF16 },
        { 2, 2, 33, 31, 40, 3f, KvElementType.BF16 },
        { 71, 1, 16, 16, 300, 0f, KvElementType.BF16 },
        { 15, 5, 64, 64, 0, 0f, KvElementType.Q8_0 },
        { 8, 1, 128, 128, 0, 0f, KvElementType.Q8_0 },
        { 2, 2, 33, 31, 40, 3f, KvElementType.Q8_0 },
        { 71, 1, 16, 16, 300, 0f, KvElementType.Q8_0 },
        { 10, 2, 80, 48, 0, 0f, KvElementType.Q8_0 },
        { 12, 2, 64, 96, 0, 0f, KvElementType.BF16 },
        { 7, 7, 64, 64, 0, 0f, KvElementType.Q8_0 },
        { 14, 7, 40, 64, 0, 0f, KvElementType.BF16 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Is_the_formula(int heads, int keyValueHeads, int keySize, int valueSize, int window, float softCap, KvElementType type)
    {
        using ComputePool pool = new(2);
        using AttentionCase attention = new(heads, keyValueHeads, keySize, valueSize, [700], type) { Window = window, SoftCap = softCap };
        attention.StoreAll(pool);
        foreach (int position in new[] { 0, 1, 15, 31, 32, 255, 256, 257, 511, 699 })
        {
            float[] output = attention.Run(pool, InstructionSets.Level, (0, position));
            OperationData.AssertClose(attention.Expected(0, position), output, 2e-5, 3e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_row_has_the_same_bits_at_every_level_in_any_batch(
        int heads, int keyValueHeads, int keySize, int valueSize, int window, float softCap, KvElementType type)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        using AttentionCase attention = new(heads, keyValueHeads, keySize, valueSize, [530, 90, 300], type)
        {
            Window = window,
            SoftCap = softCap,
        };
        attention.StoreAll(three);
        (int, int)[] rows =
            [.. AttentionCase.Rows(1, 0, 90), (0, 529), .. AttentionCase.Rows(2, 220, 300), (0, 3), (1, 64), (0, 255), (0, 256)];
        float[] expected = attention.Run(one, InstructionSetLevel.Scalar, rows);
        int width = heads * valueSize;
        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            OperationData.AssertSameBits(expected, attention.Run(one, level, rows));
            OperationData.AssertSameBits(expected, attention.Run(three, level, rows));
            for (int row = 0; row < rows.Length; row += 23)
            {
                OperationData.AssertSameBits(expected.AsSpan(row * width, width), attention.Run(three, level, rows[row]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(LevelsAndTypes))]
    public void A_prompt_has_the_same_bits_whole_in_chunks_and_token_by_token(string name, KvElementType type)
    {
        InstructionSetLevel level = OperationData.Parse(name);
        const int Length = 613;
        using ComputePool pool = new(2);
        using AttentionCase whole = new(6, 2, 64, 64, [Length], type);
        whole.StoreAll(pool);
        float[] expected = whole.Run(pool, level, AttentionCase.Rows(0, 0, Length));
        foreach (int step in level == InstructionSetLevel.Scalar ? new[] { 200 } : [1, 7, 64, 200])
        {
            using AttentionCase chunked = new(6, 2, 64, 64, [Length], type);
            for (int from = 0; from < Length; from += step)
            {
                int to = Math.Min(from + step, Length);
                chunked.Store(pool, 0, from, to, level);
                OperationData.AssertSameBits(
                    expected.AsSpan(from * 6 * 64, (to - from) * 6 * 64), chunked.Run(pool, level, AttentionCase.Rows(0, from, to)));
            }
        }
    }

    [Theory]
    [InlineData(KvElementType.F16)]
    [InlineData(KvElementType.BF16)]
    [InlineData(KvElementType.Q8_0)]
    [InlineData(KvElementType.F32)]
    public void A_long_context_has_the_same_bits_in_segments_and_alone(KvElementType type)
    {
        using ComputePool one = new(1);
        using ComputePool four = new(4);
        using AttentionCase attention = new(4, 2, 32, 32, [5000, 40], type);
        attention.StoreAll(four);
        float[] expected = attention.Run(one, InstructionSetLevel.Scalar, (0, 4999));
        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            OperationData.AssertSameBits(expected, attention.Run(four, level, (0, 4999)));
            float[] mixed = attention.Run(four, level, [(0, 4999), .. AttentionCase.Rows(1, 0, 40)]);
            OperationData.AssertSameBits(expected, mixed.AsSpan(0, expected.Length));
            OperationData.AssertSameBits(expected, attention.Run(one, level, AttentionCase.Rows(0, 4980, 5000)).AsSpan(19 * 4 * 32));
        }
    }

    [Fact]
    public void The_order_of_blocks_does_not_matter()
    {
        using ComputePool pool = new(2);
        using AttentionCase shuffled = new(4, 2, 64, 64, [400, 300]);
        using AttentionCase contiguous = new(4, 2, 64, 64, [400, 300], shuffled: false);
        shuffled.StoreAll(pool);
        contiguous.StoreAll(pool);
        (int, int)[] rows = [.. AttentionCase.Rows(0, 350, 400), (1, 299)];
        OperationData.AssertSameBits(contiguous.Run(pool, InstructionSets.Level, rows), shuffled.Run(pool, InstructionSets.Level, rows));
    }

    [Theory]
    [InlineData(KvElementType.F16)]
    [InlineData(KvElementType.BF16)]
    [InlineData(KvElementType.Q8_0)]
    [InlineData(KvElementType.F32)]
    public void What_a_row_does_not_see_does_not_matter(KvElementType type)
    {
        using ComputePool pool = new(2);
        using AttentionCase clean = new(4, 2, 32, 32, [300], type) { Window = 50 };
        using AttentionCase dirty = new(4, 2, 32, 32, [300], type) { Window = 50 };
        clean.StoreAll(pool);
        dirty.StoreAll(pool);
        float[] poison = new float[2 * 32];
        poison.AsSpan().Fill(float.NaN);
        foreach (int position in new[] { 10, 99, 221, 299 })
        {
            KvStoreOp.Run(pool, dirty.Storage, 1, poison, poison, [dirty.Slot(0, position)]);
        }

        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            OperationData.AssertSameBits(
                clean.Run(pool, level, AttentionCase.Rows(0, 150, 221)), dirty.Run(pool, level, AttentionCase.Rows(0, 150, 221)));
            OperationData.AssertSameBits(clean.Run(pool, level, (0, 220)), dirty.Run(pool, level, (0, 220)));
        }
    }

    [Theory]
    [InlineData(1e-9f, KvElementType.F16, 0.01f)]
    [InlineData(1e7f, KvElementType.F16, 0.01f)]
    [InlineData(1e-25f, KvElementType.BF16, 0.02f)]
    [InlineData(1e25f, KvElementType.BF16, 0.02f)]
    [InlineData(1e-25f, KvElementType.Q8_0, 0.02f)]
    [InlineData(1e25f, KvElementType.Q8_0, 0.02f)]
    public void Values_outside_the_range_of_halves_count(float size, KvElementType type, float tolerance)
    {
        using ComputePool pool = new(1);
        using KvStorage storage = new([new KvLayerShape(1, 16, 16)], 1, type);
        float[] values = new float[2 * 16];
        values.AsSpan(0, 16).Fill(3 * size);
        values.AsSpan(16, 16).Fill(-5 * size);
        KvStoreOp.Run(pool, storage, 0, values, values, [0, 1]);
        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            float[] output = new float[16];
            AttentionArguments arguments = new()
            {
                Queries = new float[16],
                Output = output,
                Storage = storage,
                Heads = 1,
                BlockTables = new int[1],
                BlockTableStride = 1,
                RowSequences = new int[1],
                RowPositions = new[] { 1 },
                Scale = 1f,
            };
            AttentionOp.Run(level, pool, arguments);
            Assert.All(output, value => Assert.InRange(value, -(1f + tolerance) * size, -(1f - tolerance) * size));
        }
    }
}
