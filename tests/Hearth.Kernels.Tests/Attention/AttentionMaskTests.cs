using Hearth.Kernels.Attention;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Attention;

/// <summary>Masks, ALiBi and sinks, alone and together.</summary>
public sealed class AttentionMaskTests
{
    private static readonly int[] s_lengths = [700, 90, 300];

    /// <summary>heads, key and value heads, head size, mask, window, soft cap, slopes, sinks.</summary>
    private static readonly (int, int, int, AttentionMask, int, float, bool, bool)[] s_features =
    [
        (6, 2, 32, AttentionMask.Causal, 0, 0f, false, true),
        (6, 2, 72, AttentionMask.Causal, 128, 0f, false, true),
        (5, 5, 24, AttentionMask.Causal, 0, 0f, true, false),
        (4, 4, 40, AttentionMask.Causal, 290, 4f, true, true),
        (4, 2, 48, AttentionMask.Chunked, 32, 0f, false, false),
        (4, 2, 64, AttentionMask.Chunked, 300, 0f, false, true),
        (3, 1, 20, AttentionMask.Chunked, 7, 3f, true, false),
        (4, 2, 16, AttentionMask.Chunked, 1, 0f, false, false),
        (4, 4, 64, AttentionMask.Bidirectional, 0, 0f, false, false),
        (4, 1, 32, AttentionMask.Bidirectional, 128, 0f, false, false),
        (4, 2, 33, AttentionMask.Bidirectional, 601, 0f, true, true),
        (3, 3, 24, AttentionMask.Bidirectional, 0, 2f, true, false),
        (2, 2, 24, AttentionMask.Bidirectional, 1, 0f, false, false),
    ];

    public static TheoryData<int, int, int, AttentionMask, int, float, bool, bool, KvElementType> Features
    {
        get
        {
            TheoryData<int, int, int, AttentionMask, int, float, bool, bool, KvElementType> data = [];
            foreach ((int heads, int groups, int size, AttentionMask mask, int window, float cap, bool slopes, bool sinks) in s_features)
            {
                foreach (KvElementType type in Enum.GetValues<KvElementType>())
                {
                    data.Add(heads, groups, size, mask, window, cap, slopes, sinks, type);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Features))]
    public void Are_the_formula(
        int heads, int keyValueHeads, int size, AttentionMask mask, int window, float softCap, bool slopes, bool sinks, KvElementType type)
    {
        using ComputePool pool = new(2);
        using AttentionCase attention = Create(heads, keyValueHeads, size, mask, window, softCap, slopes, sinks, type);
        attention.StoreAll(pool);
        (int Sequence, int Position)[] rows =
        [
            .. new[] { 0, 1, 31, 32, 63, 64, 255, 256, 299, 300, 301, 511, 512, 599, 600, 650, 699 }.Select(position => (0, position)),
            (1, 0), (1, 45), (1, 89), (2, 7), (2, 299),
        ];
        float[] output = attention.Run(pool, InstructionSets.Level, rows);
        double[] expected = [.. rows.SelectMany(row => attention.Expected(row.Sequence, row.Position))];
        OperationData.AssertClose(expected, output, 2e-5, 3e-6);
    }

    [Theory]
    [MemberData(nameof(Features))]
    public void Give_the_same_bits_at_every_level_in_any_batch(
        int heads, int keyValueHeads, int size, AttentionMask mask, int window, float softCap, bool slopes, bool sinks, KvElementType type)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        using AttentionCase attention = Create(heads, keyValueHeads, size, mask, window, softCap, slopes, sinks, type);
        attention.StoreAll(three);
        (int, int)[] rows =
        [
            .. AttentionCase.Rows(1, 0, 90), (0, 699), .. AttentionCase.Rows(2, 240, 300), (0, 3), (1, 64),
            .. AttentionCase.Rows(0, 255, 340),
        ];
        float[] expected = attention.Run(one, InstructionSetLevel.Scalar, rows);
        int width = heads * size;
        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            OperationData.AssertSameBits(expected, attention.Run(three, level, rows));
            for (int row = 0; row < rows.Length; row += 19)
            {
                OperationData.AssertSameBits(expected.AsSpan(row * width, width), attention.Run(one, level, rows[row]));
            }
        }
    }

    [Fact]
    public void A_sink_takes_all_nothing_or_its_share()
    {
        using ComputePool pool = new(1);
        using AttentionCase none = new(4, 2, 32, 32, [600]);
        using AttentionCase below = new(4, 2, 32, 32, [600]) { Sinks = [-1e30f, -2e9f, -500f, float.MinValue] };
        using AttentionCase above = new(4, 2, 32, 32, [600]) { Sinks = [1e30f, 2e9f, 500f, float.MaxValue] };
        using AttentionCase near = new(4, 2, 32, 32, [600]) { Sinks = [30f, 9f, 60f, 75f] };
        none.StoreAll(pool);
        below.StoreAll(pool);
        above.StoreAll(pool);
        near.StoreAll(pool);
        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            OperationData.AssertSameBits(none.Run(pool, level, (0, 599), (0, 0)), below.Run(pool, level, (0, 599), (0, 0)));
            Assert.All(above.Run(pool, level, (0, 599), (0, 0)), value => Assert.Equal(0f, value));
            float[] output = near.Run(pool, level, (0, 599), (0, 0));
            OperationData.AssertClose([.. near.Expected(0, 599), .. near.Expected(0, 0)], output, 5e-5, 1e-30);
            Assert.InRange(output.Skip(3 * 32).Take(32).Max(Math.Abs), 1e-33f, 1e-15f);
        }
    }

    [Theory]
    [InlineData(AttentionMask.Causal, 50, 150, 221, 101, 220)]
    [InlineData(AttentionMask.Chunked, 40, 160, 200, 160, 199)]
    [InlineData(AttentionMask.Bidirectional, 50, 150, 180, 125, 204)]
    public void What_a_row_does_not_see_is_not_read(AttentionMask mask, int window, int from, int to, int first, int last)
    {
        using ComputePool pool = new(2);
        using AttentionCase clean = new(4, 2, 32, 32, [300]) { Mask = mask, Window = window };
        using AttentionCase dirty = new(4, 2, 32, 32, [300]) { Mask = mask, Window = window };
        clean.StoreAll(pool);
        dirty.StoreAll(pool);
        float[] poison = new float[2 * 32];
        poison.AsSpan().Fill(1e30f);
        foreach (int position in Enumerable.Range(0, 300).Where(position => position < first || position > last))
        {
            KvStoreOp.Run(pool, dirty.Storage, 1, poison, poison, [dirty.Slot(0, position)]);
        }

        (int, int)[] rows = AttentionCase.Rows(0, from, to);
        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            float[] expected = clean.Run(pool, level, rows);
            OperationData.AssertSameBits(expected, dirty.Run(pool, level, rows));
            float[] output = new float[expected.Length];
            AttentionArguments arguments = dirty.Arguments(rows, output);
            int[] tables = [.. arguments.BlockTables];
            tables.AsSpan(0, first / KvStorage.BlockTokens).Fill(-1);
            tables.AsSpan((last / KvStorage.BlockTokens) + 1).Fill(int.MaxValue);
            arguments.BlockTables = tables;
            AttentionOp.Run(level, pool, arguments);
            OperationData.AssertSameBits(expected, output);
        }
    }

    [Fact]
    public void A_sequence_ends_where_its_length_says()
    {
        using ComputePool pool = new(2);
        using AttentionCase attention = new(4, 2, 32, 32, [300]) { Mask = AttentionMask.Bidirectional };
        using AttentionCase shorter = new(4, 2, 32, 32, [300]) { Mask = AttentionMask.Bidirectional };
        attention.StoreAll(pool);
        shorter.StoreAll(pool);
        float[] poison = new float[2 * 32];
        poison.AsSpan().Fill(1e30f);
        KvStoreOp.Run(pool, shorter.Storage, 1, poison, poison, [shorter.Slot(0, 270)]);
        (int, int)[] rows = [(0, 5), (0, 200)];
        float[] output = new float[2 * 4 * 32];
        float[] expected = new float[2 * 4 * 32];
        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            AttentionArguments arguments = attention.Arguments(rows, expected);
            arguments.SequenceLengths = [270];
            AttentionOp.Run(level, pool, arguments);
            arguments = shorter.Arguments(rows, output);
            arguments.SequenceLengths = [270];
            AttentionOp.Run(level, pool, arguments);
            OperationData.AssertSameBits(expected, output);
            Assert.NotEqual(expected, attention.Run(pool, level, rows));
        }
    }

    private static AttentionCase Create(
        int heads,
        int keyValueHeads,
        int size,
        AttentionMask mask,
        int window,
        float softCap,
        bool slopes,
        bool sinks,
        KvElementType type) =>
        new(heads, keyValueHeads, size, size, s_lengths, type)
        {
            Mask = mask,
            Window = window,
            SoftCap = softCap,
            Slopes = slopes ? [.. Enumerable.Range(1, heads).Select(head => MathF.Pow(2f, -8f * head / heads))] : [],
            Sinks = sinks ? OperationData.Random(5, heads, 6f) : [],
        };
}
