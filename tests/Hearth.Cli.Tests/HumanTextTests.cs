namespace Hearth.Cli.Tests;

public sealed class HumanTextTests
{
    private static readonly DateTimeOffset s_now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(1549, "1.5 kB")]
    [InlineData(999_949, "999.9 kB")]
    [InlineData(999_950, "1.0 MB")]
    [InlineData(256_346_112, "256.3 MB")]
    [InlineData(999_999_999, "1.0 GB")]
    [InlineData(4_683_087_332, "4.7 GB")]
    [InlineData(long.MaxValue, "9.2 EB")]
    public void Size_IsDecimal(long bytes, string expected) => Assert.Equal(expected, HumanText.Size(bytes));

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(-100, "just now")]
    [InlineData(1, "1 second ago")]
    [InlineData(59, "59 seconds ago")]
    [InlineData(60, "1 minute ago")]
    [InlineData(3600, "1 hour ago")]
    [InlineData(47 * 3600, "47 hours ago")]
    [InlineData(48 * 3600, "2 days ago")]
    [InlineData(14 * 86400, "2 weeks ago")]
    [InlineData(21 * 86400, "3 weeks ago")]
    [InlineData(60 * 86400, "2 months ago")]
    [InlineData(730 * 86400, "2 years ago")]
    public void Ago_IsOneUnit(long seconds, string expected) => Assert.Equal(expected, HumanText.Ago(s_now.AddSeconds(-seconds), s_now));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(10.2, "11s")]
    [InlineData(192, "3m12s")]
    [InlineData(3900, "1h05m")]
    [InlineData(360_000, "99h+")]
    public void Duration_IsTwoUnitsAtMost(double seconds, string expected) => Assert.Equal(expected, HumanText.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(512, "512")]
    [InlineData(4096, "4K")]
    [InlineData(131_072, "128K")]
    [InlineData(1_048_576, "1M")]
    [InlineData(40_000, "40000")]
    public void Tokens_AreShortWhereThatIsExact(long tokens, string expected) => Assert.Equal(expected, HumanText.Tokens(tokens));
}
