using System.Text;
using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Load;

/// <summary>What a fake server answers; the connection's end is the end of the body.</summary>
internal sealed class FakeReply(Stream stream, string body, CancellationToken cancellationToken)
{
    public JsonNode Request => JsonNode.Parse(body)!;

    public int WantedTokens => (int)Request["max_tokens"]!;

    public Task WriteAsync(string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).AsTask();

    public Task WaitAsync(int milliseconds) => Task.Delay(milliseconds, cancellationToken);

    public Task StatusAsync(string status, string text, string headers = "") => WriteAsync(
        $"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {text.Length}\r\n{headers}\r\n{text}");

    public Task StartAsync(string headers = "Connection: close\r\n") =>
        WriteAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{headers}\r\n");

    public Task TextAsync(string text = "word") =>
        EventAsync($$"""{"choices": [{"index": 0, "text": "{{text}}", "finish_reason": null}]}""");

    public Task EventAsync(string data) => WriteAsync($"data: {data}\n\n");

    public async Task EndAsync(int promptTokens, int answerTokens, int cachedTokens)
    {
        await EventAsync("""{"choices": [{"index": 0, "text": "", "finish_reason": "length"}]}""");
        string details = $"\"prompt_tokens_details\": {{\"cached_tokens\": {cachedTokens}}}";
        string counts = $"\"prompt_tokens\": {promptTokens}, \"completion_tokens\": {answerTokens}";
        await EventAsync($"{{\"choices\": [], \"usage\": {{{counts}, {details}}}}}");
        await EventAsync("[DONE]");
    }

    /// <summary>An answer of the wanted length, one token for each event.</summary>
    public async Task AnswerAsync(int firstTokenMilliseconds = 0, int tokenMilliseconds = 0)
    {
        await WaitAsync(firstTokenMilliseconds);
        await StartAsync();
        for (int token = 0; token < WantedTokens; token++)
        {
            await (token > 0 && tokenMilliseconds > 0 ? WaitAsync(tokenMilliseconds) : Task.CompletedTask);
            await TextAsync();
        }

        int prompt = Request["prompt"]?.AsArray().Count ?? ChatTokens();
        await EndAsync(prompt, WantedTokens, prompt / 2);
    }

    // Two tokens for a word, and seven around all.
    private int ChatTokens() => 7 + Request["messages"]!.AsArray().Sum(message => 2 * ((string)message!["content"]!).Split(' ').Length);
}
