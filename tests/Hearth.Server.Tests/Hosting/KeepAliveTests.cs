using Hearth.Server.Hosting;

namespace Hearth.Server.Tests.Hosting;

public sealed class KeepAliveTests
{
    [Theory]
    [InlineData("5m", 300)]
    [InlineData("30s", 30)]
    [InlineData("1h30m", 5400)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5h", 5400)]
    [InlineData("42", 42)]
    [InlineData("42.5", 42.5)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    public void Parse_TakesDurationsAndSeconds(string text, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), KeepAlive.Parse(text));

    [Theory]
    [InlineData("-1")]
    [InlineData("-3.14")]
    [InlineData("-1m")]
    [InlineData("999999999")]
    public void Parse_TakesNegativeAndEndlessTimesForEver(string text) => Assert.Equal(KeepAlive.Forever, KeepAlive.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("5 minutes")]
    [InlineData("m")]
    [InlineData("5m3")]
    [InlineData("NaN")]
    [InlineData("-Infinity")]
    public void Parse_RefusesTheRest(string text) => Assert.Contains("5m", Assert.Throws<FormatException>(() => KeepAlive.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("5m")]
    [InlineData("2h")]
    [InlineData("90s")]
    [InlineData("0")]
    [InlineData("-1")]
    public void Format_IsWhatParseReads(string text) => Assert.Equal(text, KeepAlive.Format(KeepAlive.Parse(text)));

    [Theory]
    [InlineData("512", 512)]
    [InlineData("6G", 6L << 30)]
    [InlineData("6gb", 6L << 30)]
    [InlineData("1.5GiB", 3L << 29)]
    [InlineData("300 M", 300L << 20)]
    [InlineData("64k", 64L << 10)]
    public void ByteSize_TakesUnits(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-5G")]
    [InlineData("6X")]
    [InlineData("99999999999999T")]
    public void ByteSize_RefusesTheRest(string text) => Assert.Contains("6G", Assert.Throws<FormatException>(() => ByteSize.Parse(text)).Message, StringComparison.Ordinal);
}
