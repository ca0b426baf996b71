using Hearth.Kernels.Attention;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Attention;

public sealed class KvStorageTests
{
    [Theory]
    [InlineData(32, 128, 5, 64, 64, KvElementType.F16, 32L * 128 * 32 * 5 * ((64 + 64) * 2 + 4))]
    [InlineData(32, 128, 5, 64, 64, KvElementType.BF16, 32L * 128 * 32 * 5 * (64 + 64) * 2)]
    [InlineData(32, 128, 5, 64, 64, KvElementType.Q8_0, 32L * 128 * 32 * 5 * (64 + 64 + 8))]
    [InlineData(1, 1, 1, 7, 5, KvElementType.F32, 32L * (7 + 32) * 4)]
    [InlineData(1, 1, 1, 7, 33, KvElementType.Q8_0, (32L * (8 + 64)) + (3 * 64))]
    [InlineData(80, 40_000, 8, 128, 128, KvElementType.F16, 80L * 40_000 * 32 * 8 * (256 * 2 + 4))]
    public void Its_size_is_known_before(int layers, int blocks, int heads, int keySize, int valueSize, KvElementType type, long bytes) =>
        Assert.Equal(bytes, KvStorage.BytesFor(Uniform(layers, heads, keySize, valueSize), blocks, type));

    [Fact]
    public void Every_layer_has_its_own_shape()
    {
        KvLayerShape[] layers = [new(1, 576, 512), new(4, 80, 72), new(2, 7, 5)];
        long bytes = KvStorage.BytesFor(layers, 3, KvElementType.F16);
        Assert.Equal(3L * 32 * ((((576 + 512) * 2) + 4) + (4 * (((80 + 96) * 2) + 4)) + (2 * (((7 + 32) * 2) + 4))), bytes);
        using KvStorage storage = new(layers, 3, KvElementType.F16);
        Assert.Equal((3, 3, bytes), (storage.Layers, storage.Blocks, storage.Bytes));
        Assert.Equal(layers, Enumerable.Range(0, 3).Select(storage.Layer));
        Assert.Throws<ArgumentOutOfRangeException>(() => storage.Layer(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => storage.Layer(-1));
    }

    [Fact]
    public void A_model_without_attention_has_blocks_and_no_bytes()
    {
        using KvStorage storage = new([], 5, KvElementType.F16);
        Assert.Equal((0, 5, 0L), (storage.Layers, storage.Blocks, storage.Bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => storage.Layer(0));
    }

    [Fact]
    public void A_size_beyond_63_bits_is_an_error()
    {
        Assert.Throws<OverflowException>(() => KvStorage.BytesFor(Uniform(80, int.MaxValue, 128, 128), int.MaxValue, KvElementType.F16));
        Assert.Throws<OverflowException>(
            () => KvStorage.BytesFor(Uniform(1, int.MaxValue, int.MaxValue, int.MaxValue), 1, KvElementType.F32));
    }

    [Theory]
    [InlineData("KeyValueHeads", 0, 1, 1, 1, KvElementType.F16)]
    [InlineData("KeySize", 1, 0, 1, 1, KvElementType.F16)]
    [InlineData("ValueSize", 1, 1, -3, 1, KvElementType.F16)]
    [InlineData("blocks", 1, 1, 1, -1, KvElementType.F16)]
    [InlineData("type", 1, 1, 1, 1, (KvElementType)9)]
    public void Wrong_dimensions_are_refused_by_name(string name, int heads, int keySize, int valueSize, int blocks, KvElementType type) =>
        Assert.Equal(
            name,
            Assert.Throws<ArgumentOutOfRangeException>(() => new KvStorage(Uniform(2, heads, keySize, valueSize), blocks, type)).ParamName);

    [Fact]
    public void Memory_is_not_committed_before_it_is_used()
    {
        long before = Environment.WorkingSet;
        using KvStorage storage = new(Uniform(32, 8, 64, 64), 1024, KvElementType.F16);
        Assert.InRange(storage.Bytes, 2L << 30, long.MaxValue);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 1L << 29);
    }

    [Fact]
    public void Storing_refuses_wrong_shapes_by_name()
    {
        using ComputePool pool = new(1);
        using KvStorage storage = new(Uniform(2, 2, 8, 4), 3, KvElementType.F16);
        Assert.Equal("keys", Refused(0, new float[31], new float[16], [0, 1]));
        Assert.Equal("values", Refused(0, new float[32], new float[15], [0, 1]));
        Assert.Equal("slots", Refused(0, new float[32], new float[16], [0, 96]));
        Assert.Equal("slots", Refused(0, new float[32], new float[16], [-1, 0]));
        Assert.Equal("layer", Refused(2, new float[32], new float[16], [0, 1]));

        string? Refused(int layer, float[] keys, float[] values, int[] slots) =>
            Assert.ThrowsAny<ArgumentException>(() => KvStoreOp.Run(pool, storage, layer, keys, values, slots)).ParamName;
    }

    private static KvLayerShape[] Uniform(int layers, int heads, int keySize, int valueSize) =>
        [.. Enumerable.Repeat(new KvLayerShape(heads, keySize, valueSize), layers)];
}
