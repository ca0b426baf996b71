using Hearth.Server.Access;

namespace Hearth.Server.Tests.Access;

public sealed class OriginPatternTests
{
    [Theory]
    [InlineData("*", "https://anything.example", true)]
    [InlineData("*", "null", true)]
    [InlineData("https://app.example.com", "https://app.example.com", true)]
    [InlineData("https://app.example.com", "HTTPS://APP.example.com", true)]
    [InlineData("https://app.example.com", "http://app.example.com", false)]
    [InlineData("https://app.example.com", "https://app.example.com:8443", false)]
    [InlineData("https://app.example.com", "https://app.example.com.evil.example", false)]
    [InlineData("https://app.example.com", "https://evil.example/https://app.example.com", false)]
    [InlineData("https://*.example.com", "https://a.b.example.com", true)]
    [InlineData("https://*.example.com", "https://example.com", false)]
    [InlineData("https://*.example.com", "https://evilexample.com", false)]
    [InlineData("https://*.example.com", "https://*.example.com", false)]
    [InlineData("http://localhost:*", "http://localhost:3000", true)]
    [InlineData("http://localhost:*", "http://localhost", true)]
    [InlineData("http://localhost:*", "http://localhost.evil.example:3000", false)]
    [InlineData("http://[::1]:*", "http://[::1]:3000", true)]
    [InlineData("app://*", "app://obsidian.md", true)]
    [InlineData("http://localhost:*", "null", false)]
    public void Origin_IsMeantOrNot(string pattern, string origin, bool isMeant) => Assert.Equal(isMeant, OriginPattern.Parse(pattern).Matches(origin));

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("http://a*b.example.com")]
    [InlineData("http://example.com/path")]
    [InlineData("http://example.com:x")]
    [InlineData("http://example.com\n")]
    public void AnythingElse_IsNoPattern(string text) => Assert.Throws<FormatException>(() => OriginPattern.Parse(text));
}
