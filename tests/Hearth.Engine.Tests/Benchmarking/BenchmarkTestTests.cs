using Hearth.Engine.Benchmarking;

namespace Hearth.Engine.Tests.Benchmarking;

public sealed class BenchmarkTestTests
{
    [Theory]
    [InlineData(512, 0, 0, "pp512")]
    [InlineData(0, 128, 0, "tg128")]
    [InlineData(512, 128, 0, "pp512+tg128")]
    [InlineData(0, 32, 4096, "tg32 @ d4096")]
    public void Name_IsThatOfLlamaBench(int prompt, int generated, int depth, string expected) =>
        Assert.Equal(expected, new BenchmarkTest(prompt, generated, depth, 512).Name);

    [Fact]
    public void Combine_GivesEveryCombinationAndNoEmptyTest()
    {
        IReadOnlyList<BenchmarkTest> tests = BenchmarkTest.Combine([0, 16], [8], [(4, 2)], [0, 32], [64, 128]);

        Assert.Equal(
            ["pp16", "tg8", "pp4+tg2", "pp16", "tg8", "pp4+tg2", "pp16 @ d32", "tg8 @ d32", "pp4+tg2 @ d32", "pp16 @ d32", "tg8 @ d32", "pp4+tg2 @ d32"],
            tests.Select(test => test.Name));
        Assert.Equal([64, 64, 64, 128, 128, 128], tests.Take(6).Select(test => test.BatchTokens));
        Assert.Empty(BenchmarkTest.Combine([0], [0], [], [5], [512]));
    }
}
