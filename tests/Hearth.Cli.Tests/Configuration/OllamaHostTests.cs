using Hearth.Cli.Configuration;

namespace Hearth.Cli.Tests.Configuration;

public sealed class OllamaHostTests
{
    [Theory]
    [InlineData("1.2.3.4", "http://1.2.3.4:11434")]
    [InlineData(":1234", "http://127.0.0.1:1234")]
    [InlineData("example.com", "http://example.com:11434")]
    [InlineData("[::1]", "http://[::1]:11434")]
    [InlineData("::1", "http://[::1]:11434")]
    [InlineData("[::1]:1337", "http://[::1]:1337")]
    [InlineData("http://1.2.3.4", "http://1.2.3.4:80")]
    [InlineData("https://example.com/ollama", "https://example.com:443")]
    [InlineData("0.0.0.0:8080", "http://127.0.0.1:8080")]
    [InlineData("[::]:8080", "http://[::1]:8080")]
    public void ClientText_IsWhereOllamasClientGoes(string text, string expected) => Assert.Equal(expected, OllamaHost.Parse(text).ClientText);

    [Theory]
    [InlineData("0.0.0.0", "0.0.0.0:11434")]
    [InlineData("http://127.0.0.1:9000", "127.0.0.1:9000")]
    [InlineData("::1", "[::1]:11434")]
    public void ListenText_IsWhereOllamaListens(string text, string expected) => Assert.Equal(expected, OllamaHost.Parse(text).ListenText);

    [Theory]
    [InlineData(":66000")]
    [InlineData(":-1")]
    [InlineData("ftp://example.com")]
    [InlineData("a b")]
    public void Parse_RefusesWhatIsNoAddress(string text) => Assert.Throws<FormatException>(() => OllamaHost.Parse(text));

    [Fact]
    public void ListenText_RefusesHttps() => Assert.Throws<FormatException>(() => OllamaHost.Parse("https://127.0.0.1").ListenText);
}
