using System.Text;
using Hearth.Benchmarks.Load;

namespace Hearth.EndToEnd.Tests.Load;

public sealed class EventTests
{
    [Fact]
    public async Task Reader_FindsTheSameEventsHoweverTheBytesCome()
    {
        const string Body = ": comment\ndata: one\n\nevent: x\nid: 3\r\ndata:two\r\n\r\n\n\ndata: thr\ndata:  ee é\n\ndata\n\ndata: last";
        for (int size = 1; size <= Body.Length; size++)
        {
            Assert.Equal(["one", "two", "thr\n ee é", "last"], await ReadAsync(Encoding.UTF8.GetBytes(Body), size));
        }
    }

    [Fact]
    public async Task Reader_TakesLongEvents()
    {
        string text = new('x', 100_000);

        Assert.Equal([text, "end"], await ReadAsync(Encoding.UTF8.GetBytes($"data: {text}\n\ndata: end\n\n"), 5000));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    public async Task Reader_StopsAtAnEventThatDoesNotEnd(string end)
    {
        byte[] body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"data: {new string('x', 1000)}{end}", 2000)));

        await Assert.ThrowsAsync<BrokenEventException>(() => ReadAsync(body, 4096));
    }

    [Theory]
    [InlineData("""{"choices":[{"index":0,"text":"a","finish_reason":null}]}""", true, false)]
    [InlineData("""{"id":{"x":[{"text":"a"}]},"choices":[{"text":""}],"usage":null}""", false, false)]
    [InlineData("""{"choices":[{"logprobs":{"text":"a"},"text":"","finish_reason":"length"}]}""", false, true)]
    [InlineData("""{"choices":[{"delta":{"role":"assistant","content":""}}]}""", false, false)]
    [InlineData("""{"choices":[{"delta":{"content":null},"finish_reason":null}]}""", false, false)]
    [InlineData("""{"choices":[{"finish_reason":null,"delta":{"content":"\n"}}]}""", true, false)]
    [InlineData("""{"choices":[{"delta":{"reasoning_content":"a","x":[1,{"y":2}]}}]}""", true, false)]
    [InlineData("""{"choices":[5,null,{"text":"a"}]}""", true, false)]
    public void Choices_AreRead(string data, bool hasText, bool hasReason)
    {
        CompletionEvent item = CompletionEvent.Parse(Encoding.UTF8.GetBytes(data));

        Assert.Equal((hasText, hasReason, false, null), (item.HasText, item.HasFinishReason, item.IsDone, item.Error));
    }

    [Theory]
    [InlineData("""{"usage":{"prompt_tokens":5,"completion_tokens":3,"prompt_tokens_details":{"a":0,"cached_tokens":2}}}""", 5, 3, 2)]
    [InlineData("""{"choices":[],"usage":{"completion_tokens":3,"prompt_tokens":5},"timings":{"cache_n":4,"prompt_ms":0.5}}""", 5, 3, 4)]
    [InlineData("""{"timings":{"cache_n":4},"usage":{"prompt_tokens_details":{"cached_tokens":2}}}""", null, null, 2)]
    [InlineData("""{"usage":{"prompt_tokens":1e99,"completion_tokens":"3","prompt_tokens_details":null}}""", null, null, null)]
    public void Usage_IsRead(string data, int? prompt, int? answer, int? cached)
    {
        CompletionEvent item = CompletionEvent.Parse(Encoding.UTF8.GetBytes(data));

        Assert.Equal((prompt, answer, cached), (item.PromptTokens, item.AnswerTokens, item.CachedTokens));
    }

    [Theory]
    [InlineData("""{"error":{"code":500,"message":"full","type":"x"}}""", "full")]
    [InlineData("""{"error":{"code":500}}""", "an error without a message")]
    [InlineData("""{"error":"full"}""", "full")]
    public void Error_IsRead(string data, string message) =>
        Assert.Equal(message, CompletionEvent.Parse(Encoding.UTF8.GetBytes(data)).Error);

    [Fact]
    public void Done_IsRead() => Assert.True(CompletionEvent.Parse("[DONE]"u8).IsDone);

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{")]
    [InlineData("""{"choices":[{"text":"a"}""")]
    [InlineData("""{"choices":[]} x""")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("5")]
    [InlineData("""{"choices":5}""")]
    public void OtherData_IsBroken(string data) =>
        Assert.Throws<BrokenEventException>(() => CompletionEvent.Parse(Encoding.UTF8.GetBytes(data)));

    private static async Task<List<string>> ReadAsync(byte[] body, int size)
    {
        List<string> events = [];
        ServerSentEventReader reader = new(new PartStream(body, size));
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            while (reader.TryNext(out ReadOnlySpan<byte> data))
            {
                events.Add(Encoding.UTF8.GetString(data));
            }
        }

        if (reader.TryLast(out ReadOnlySpan<byte> last))
        {
            events.Add(Encoding.UTF8.GetString(last));
        }

        return events;
    }

    /// <summary>Gives its bytes in parts of one size.</summary>
    private sealed class PartStream(byte[] body, int size) : MemoryStream(body)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
