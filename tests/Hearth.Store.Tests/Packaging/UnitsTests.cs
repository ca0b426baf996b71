using Hearth.Store.Packaging;

namespace Hearth.Store.Tests.Packaging;

public sealed class UnitsTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1_500, "1.50K")]
    [InlineData(361_821_120, "361.82M")]
    [InlineData(7_000_000_000, "7B")]
    [InlineData(1_100_048_384, "1.10B")]
    public void Parameters_AreAsDockerWritesThem(long count, string text) => Assert.Equal(text, Units.Parameters(count));

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(68, "68B")]
    [InlineData(1_024, "1KiB")]
    [InlineData(268_803_000, "256.35MiB")]
    [InlineData(1_020_000_000, "1.02GB")]
    [InlineData(1_073_741_824, "1GiB")]
    public void Size_IsAsDockerWritesIt(long bytes, string text) => Assert.Equal(text, Units.Size(bytes));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1_001, "1K")]
    [InlineData(125_000_000, "125M")]
    [InlineData(500_500_000, "500.50M")]
    [InlineData(2_800_000_000, "2.8B")]
    [InlineData(2_850_000_000, "2.9B")]
    [InlineData(1_000_000_000_000, "1000B")]
    public void Parameters_AreAsOllamaWritesThem(long count, string text) => Assert.Equal(text, Units.OllamaParameters(count));
}
