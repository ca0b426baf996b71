using Hearth.Kernels.Attention;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Attention;

public sealed class AttentionArgumentsTests
{
    private delegate void Change(ref AttentionArguments arguments);

    [Fact]
    public void What_is_right_is_accepted() => Assert.Null(Refused((ref AttentionArguments _) => { }));

    [Fact]
    public void What_is_wrong_is_refused_by_name()
    {
        Assert.Equal("Queries", Refused((ref AttentionArguments a) => a.Queries = new float[1]));
        Assert.Equal("Output", Refused((ref AttentionArguments a) => a.Output = new float[1]));
        Assert.Equal("Layer", Refused((ref AttentionArguments a) => a.Layer = 2));
        Assert.Equal("Layer", Refused((ref AttentionArguments a) => a.Layer = -1));
        Assert.Equal("Heads", Refused((ref AttentionArguments a) => a.Heads = 3));
        Assert.Equal("Heads", Refused((ref AttentionArguments a) => a.Heads = 0));
        Assert.Equal("Window", Refused((ref AttentionArguments a) => a.Window = -1));
        Assert.Equal("Scale", Refused((ref AttentionArguments a) => a.Scale = 0f));
        Assert.Equal("Scale", Refused((ref AttentionArguments a) => a.Scale = float.NaN));
        Assert.Equal("SoftCap", Refused((ref AttentionArguments a) => a.SoftCap = -1f));
        Assert.Equal("RowSequences", Refused((ref AttentionArguments a) => a.RowSequences = new int[3]));
        Assert.Equal("RowSequences", Refused((ref AttentionArguments a) => a.RowSequences = new[] { 0, 1 }));
        Assert.Equal("RowPositions", Refused((ref AttentionArguments a) => a.RowPositions = new[] { 0, 64 }));
        Assert.Equal("RowPositions", Refused((ref AttentionArguments a) => a.RowPositions = new[] { -1, 0 }));
        Assert.Equal("BlockTables", Refused((ref AttentionArguments a) => a.BlockTables = new[] { 0, 3 }));
        Assert.Equal("BlockTables", Refused((ref AttentionArguments a) => a.BlockTables = new[] { -1, 0 }));
        Assert.Equal("BlockTables", Refused((ref AttentionArguments a) => a.BlockTables = new[] { 0 }));
        Assert.Equal("BlockTables", Refused((ref AttentionArguments a) => a.BlockTableStride = 0));
        Assert.Equal("Storage", Refused((ref AttentionArguments a) => a.Storage = null!));
    }

    [Fact]
    public void Wrong_masks_slopes_and_sinks_are_refused_by_name()
    {
        Assert.Equal("Mask", Refused((ref AttentionArguments a) => a.Mask = (AttentionMask)3));
        Assert.Equal("Mask", Refused((ref AttentionArguments a) => a.Mask = (AttentionMask)(-1)));
        Assert.Equal("Window", Refused((ref AttentionArguments a) => a.Mask = AttentionMask.Chunked));
        Assert.Equal("AlibiSlopes", Refused((ref AttentionArguments a) => a.AlibiSlopes = new float[3]));
        Assert.Equal("AlibiSlopes", Refused((ref AttentionArguments a) => a.AlibiSlopes = new[] { 0f, 0f, float.NaN, 0f }));
        Assert.Equal("AlibiSlopes", Refused((ref AttentionArguments a) => a.AlibiSlopes = new[] { 0f, -1f, 0f, 0f }));
        Assert.Equal("AlibiSlopes", Refused((ref AttentionArguments a) => a.AlibiSlopes = new[] { 0f, 1e30f, 0f, 0f }));
        Assert.Equal("Sinks", Refused((ref AttentionArguments a) => a.Sinks = new float[5]));
        Assert.Equal("Sinks", Refused((ref AttentionArguments a) => a.Sinks = new[] { 0f, 0f, float.NaN, 0f }));
        Assert.Equal("Sinks", Refused((ref AttentionArguments a) => a.Sinks = new[] { float.PositiveInfinity, 0f, 0f, 0f }));
    }

    [Theory]
    [InlineData(null, 64)]
    [InlineData("SequenceLengths")]
    [InlineData("SequenceLengths", 64, 64)]
    [InlineData("SequenceLengths", 63)]
    [InlineData("SequenceLengths", 65)]
    [InlineData("SequenceLengths", 0)]
    [InlineData("SequenceLengths", -5)]
    [InlineData("SequenceLengths", int.MinValue)]
    [InlineData("SequenceLengths", int.MaxValue)]
    public void Lengths_must_have_the_rows_and_be_in_the_tables(string? refused, params int[] lengths) =>
        Assert.Equal(refused, Refused((ref AttentionArguments a) =>
        {
            a.Mask = AttentionMask.Bidirectional;
            a.SequenceLengths = lengths;
        }));

    [Fact]
    public void Lengths_of_sequences_without_rows_do_not_matter() =>
        Assert.Null(Refused((ref AttentionArguments a) =>
        {
            a.Mask = AttentionMask.Bidirectional;
            a.BlockTables = new[] { 2, 0, -7, -7 };
            a.SequenceLengths = [64, int.MaxValue];
        }));

    [Fact]
    public void Blocks_that_no_row_sees_are_not_looked_at() =>
        Assert.Null(Refused((ref AttentionArguments a) =>
        {
            a.Window = 2;
            a.BlockTables = new[] { -1, 0 };
            a.RowPositions = new[] { 40, 63 };
        }));

    [Fact]
    public void A_disposed_storage_is_refused()
    {
        using ComputePool pool = new(1);
        KvStorage storage = new([new KvLayerShape(1, 8, 8)], 1, KvElementType.F32);
        storage.Dispose();
        Assert.Throws<ObjectDisposedException>(() => KvStoreOp.Run(pool, storage, 0, new float[8], new float[8], [0]));
        Assert.Throws<ObjectDisposedException>(() =>
            AttentionOp.Run(pool, new AttentionArguments { Storage = storage, Heads = 1, Scale = 1f }));
    }

    [Fact]
    public void No_rows_are_no_work()
    {
        using ComputePool pool = new(1);
        using KvStorage storage = new([new KvLayerShape(1, 8, 8)], 1, KvElementType.F32);
        AttentionOp.Run(pool, new AttentionArguments { Storage = storage, Heads = 1, Scale = 1f, BlockTableStride = 1 });
    }

    private static string? Refused(Change change)
    {
        using ComputePool pool = new(1);
        using KvStorage storage = new([new KvLayerShape(1, 8, 8), new KvLayerShape(2, 8, 8)], 3, KvElementType.F16);
        AttentionArguments arguments = new()
        {
            Queries = new float[2 * 4 * 8],
            Output = new float[2 * 4 * 8],
            Storage = storage,
            Layer = 1,
            Heads = 4,
            BlockTables = new[] { 2, 0 },
            BlockTableStride = 2,
            RowSequences = new[] { 0, 0 },
            RowPositions = new[] { 5, 63 },
            Scale = 1f,
        };
        change(ref arguments);
        try
        {
            AttentionOp.Run(pool, arguments);
            return null;
        }
        catch (ArgumentException refused)
        {
            return refused.ParamName;
        }
    }
}
