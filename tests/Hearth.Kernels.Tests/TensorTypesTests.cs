using Hearth.Kernels.Formats;

namespace Hearth.Kernels.Tests;

public sealed class TensorTypesTests
{
    [Theory]
    [InlineData(TensorType.Q4_K, 512, 288)]
    [InlineData(TensorType.F32, 3, 12)]
    [InlineData(TensorType.MXFP4, 64, 34)]
    public void ByteSize_CountsWholeBlocks(TensorType type, long elements, long bytes) =>
        Assert.Equal(bytes, TensorTypes.ByteSize(type, elements));

    [Fact]
    public void ByteSize_RefusesPartOfABlock() =>
        Assert.Throws<ArgumentException>(() => TensorTypes.ByteSize(TensorType.Q4_K, 255));

    [Theory]
    [InlineData(4u)]
    [InlineData(36u)]
    [InlineData(0xFFFF_FFFFu)]
    public void TryGet_RefusesRetiredAndUnknownIds(uint id) =>
        Assert.False(TensorTypes.TryGet(id, out _));
}
