using Hearth.Kernels.Attention;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Attention;

public sealed class KvStorageTests
{
    [Theory]
    [InlineData(32, 128, 5, 64, 64, KvElementType.F16, 32L * 128 * 32 * 5 * ((64 + 64) * 2 + 8))]
    [InlineData(1, 1, 1, 7, 5, KvElementType.F32, 32L * (7 + 16) * 4)]
    [InlineData(80, 40_000, 8, 128, 128, KvElementType.F16, 80L * 40_000 * 32 * 8 * (256 * 2 + 8))]
    public void Its_size_is_known_before(int layers, int blocks, int heads, int keySize, int valueSize, KvElementType type, long bytes) =>
        Assert.Equal(bytes, KvStorage.BytesFor(layers, blocks, heads, keySize, valueSize, type));

    [Fact]
    public void A_size_beyond_63_bits_is_an_error() =>
        Assert.Throws<OverflowException>(() => KvStorage.BytesFor(int.MaxValue, int.MaxValue, 8, 128, 128, KvElementType.F16));

    [Fact]
    public void Wrong_dimensions_are_refused_by_name()
    {
        Assert.Equal("layers", Assert.Throws<ArgumentOutOfRangeException>(() => new KvStorage(0, 1, 1, 1, 1, KvElementType.F16)).ParamName);
        Assert.Equal(
            "blocks",
            Assert.Throws<ArgumentOutOfRangeException>(() => new KvStorage(1, -1, 1, 1, 1, KvElementType.F16)).ParamName);
        Assert.Equal("type", Assert.Throws<ArgumentOutOfRangeException>(() => new KvStorage(1, 1, 1, 1, 1, (KvElementType)9)).ParamName);
    }

    [Fact]
    public void Memory_is_not_committed_before_it_is_used()
    {
        long before = Environment.WorkingSet;
        using KvStorage storage = new(32, 1024, 8, 64, 64, KvElementType.F16);
        Assert.InRange(storage.Bytes, 2L << 30, long.MaxValue);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 1L << 29);
    }

    [Fact]
    public void Storing_refuses_wrong_shapes_by_name()
    {
        using ComputePool pool = new(1);
        using KvStorage storage = new(2, 3, 2, 8, 4, KvElementType.F16);
        Assert.Equal("keys", Refused(0, new float[31], new float[16], [0, 1]));
        Assert.Equal("values", Refused(0, new float[32], new float[15], [0, 1]));
        Assert.Equal("slots", Refused(0, new float[32], new float[16], [0, 96]));
        Assert.Equal("slots", Refused(0, new float[32], new float[16], [-1, 0]));
        Assert.Equal("layer", Refused(2, new float[32], new float[16], [0, 1]));

        string? Refused(int layer, float[] keys, float[] values, int[] slots) =>
            Assert.ThrowsAny<ArgumentException>(() => KvStoreOp.Run(pool, storage, layer, keys, values, slots)).ParamName;
    }
}
