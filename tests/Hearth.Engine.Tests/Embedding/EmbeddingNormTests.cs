using Hearth.Engine.Embedding;

namespace Hearth.Engine.Tests.Embedding;

public sealed class EmbeddingNormTests
{
    [Theory]
    [InlineData(-1, 3f, -4f)]
    [InlineData(0, 24570f, -32760f)]
    [InlineData(1, 3f / 7, -4f / 7)]
    [InlineData(2, 0.6f, -0.8f)]
    [InlineData(3, 0.66697180f, -0.88929573f)]
    public void Scale_GivesTheNorm(int norm, float first, float second)
    {
        float[] scaled = EmbeddingNorm.Scale([3, -4], norm);

        Assert.Equal(first, scaled[0], 1e-6 * Math.Max(1, Math.Abs(first)));
        Assert.Equal(second, scaled[1], 1e-6 * Math.Max(1, Math.Abs(second)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(64)]
    public void Scale_TakesZerosAndExtremes(int norm)
    {
        Assert.Equal([0f, 0f], EmbeddingNorm.Scale([0, 0], norm));
        Assert.All(EmbeddingNorm.Scale([float.MaxValue, -float.MaxValue], norm), value => Assert.True(float.IsFinite(value) && value != 0));
        Assert.All(EmbeddingNorm.Scale([1e-40f, 1e-40f], norm), value => Assert.True(float.IsFinite(value) && value > 0));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(65)]
    public void UnknownNorm_IsRefused(int norm) => Assert.Throws<ArgumentOutOfRangeException>(() => EmbeddingNorm.Scale([1], norm));
}
