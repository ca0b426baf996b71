using System.IO.Compression;
using System.Text;

namespace Hearth.Server.Tests;

/// <summary>Requests that come compressed.</summary>
public sealed class RequestEncodingTests(GuideServer server)
{
    private const string Request = """{"model":"guide","prompt":"hi","max_tokens":1}""";

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("identity")]
    public async Task Body_IsRead(string encoding)
    {
        (int status, string text) = await SendAsync(encoding, encoding == "identity" ? Encoding.UTF8.GetBytes(Request) : Compress(Encoding.UTF8.GetBytes(Request)));

        Assert.True(status == 200, text);
    }

    [Theory]
    [InlineData("zstd", 415, "unsupported_encoding")]
    [InlineData("gzip, gzip", 415, "unsupported_encoding")]
    [InlineData("gzip", 400, "invalid_encoding")]
    public async Task OtherBodies_AreRefused(string encoding, int status, string code)
    {
        (int found, string text) = await SendAsync(encoding, Encoding.UTF8.GetBytes(Request));

        Assert.Equal(status, found);
        Assert.Contains($"\"{code}\"", text, StringComparison.Ordinal);
        Assert.Contains("Content-Encoding", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/completions")]
    [InlineData("/api/generate")]
    public async Task BodyThatBecomesTooLarge_Is413(string path)
    {
        (int status, string text) = await SendAsync("gzip", Compress(new byte[17 * 1024 * 1024].Select(_ => (byte)' ').ToArray()), path);

        Assert.True(status == 413, text);
    }

    private static byte[] Compress(byte[] bytes)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }

    private async Task<(int Status, string Text)> SendAsync(string encoding, byte[] body, string path = "/v1/completions")
    {
        using ByteArrayContent content = new(body);
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using HttpResponseMessage response = await server.Client.PostAsync(path, content, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
