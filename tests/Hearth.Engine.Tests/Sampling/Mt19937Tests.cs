using Hearth.Engine.Sampling;

namespace Hearth.Engine.Tests.Sampling;

public class Mt19937Tests
{
    // 5489 is the default seed of std::mt19937; the C++ standard ([rand.predef]) requires this 10000th value.
    [Theory]
    [InlineData(1, 3499211612u)]
    [InlineData(2, 581869302u)]
    [InlineData(3, 3890346734u)]
    [InlineData(10000, 4123659995u)]
    public void Draws_the_values_of_the_standard(int index, uint expected)
    {
        var random = new Mt19937(5489);
        for (var i = 1; i < index; i++)
        {
            random.NextUInt32();
        }

        Assert.Equal(expected, random.NextUInt32());
    }

    [Fact]
    public void A_double_takes_two_words_the_low_one_first()
    {
        var expected = (3499211612.0 + (581869302.0 * 4294967296.0)) / 18446744073709551616.0;
        var random = new Mt19937(5489);
        Assert.Equal(expected, random.NextDouble());
        Assert.Equal(3890346734u, random.NextUInt32());
    }

    [Fact]
    public void A_single_takes_one_word()
    {
        var random = new Mt19937(5489);
        Assert.Equal(3499211612f / 4294967296f, random.NextSingle());
        Assert.Equal(581869302u, random.NextUInt32());
    }

    [Fact]
    public void Numbers_are_below_one_and_even()
    {
        var random = new Mt19937(7);
        double sum = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var (wide, narrow) = (random.NextDouble(), random.NextSingle());
            Assert.InRange(wide, 0, Math.BitDecrement(1.0));
            Assert.InRange(narrow, 0, MathF.BitDecrement(1f));
            sum += wide + narrow;
        }

        Assert.Equal(0.5, sum / 200_000, 0.005);
    }
}
