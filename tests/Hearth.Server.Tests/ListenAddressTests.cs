using System.Net.Sockets;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:12434")]
    [InlineData("[::1]:80")]
    [InlineData("localhost:0")]
    [InlineData("*:8080")]
    [InlineData("unix:/tmp/hearth.sock")]
    public void Parse_TakesAddresses(string text) => Assert.Equal(text, ListenAddress.Parse(text).Text);

    [Theory]
    [InlineData("")]
    [InlineData("12434")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("somewhere.example:80")]
    [InlineData("unix:")]
    public void Parse_RefusesTheRestAndSaysWhatIsExpected(string text) =>
        Assert.Contains("HOST:PORT", Assert.Throws<FormatException>(() => ListenAddress.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_RefusesAPathThatNoSocketCanHave() => Assert.Contains(
        "too long", Assert.Throws<FormatException>(() => ListenAddress.Parse("unix:/" + new string('x', 300))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task UnixSocket_AnswersAndASocketLeftBehindIsReplaced()
    {
        string path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.sock");
        // A socket that is bound and never listened on stays in the file system, like that of a process that was killed.
        using (Socket left = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(path));
        }

        using ModelHost host = new();
        await using WebApplication app = HearthServer.Create(host, new HearthServerOptions { Listen = [ListenAddress.Parse("unix:" + path)] });
        await app.StartAsync(TestContext.Current.CancellationToken);
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using HttpClient client = new(handler);

        Assert.Equal("""{"status":"ok"}""", await client.GetStringAsync("http://hearth/health", TestContext.Current.CancellationToken));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }
}
