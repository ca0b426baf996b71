using System.Text.Json;

namespace Hearth.Server.Tests.OpenAi;

public sealed class StructuredOutputTests(GuideServer server)
{
    private const string Chat = "/v1/chat/completions";
    private const string Question = "\"model\":\"guide\",\"temperature\":0,\"max_tokens\":200,\"messages\":[{\"role\":\"user\",\"content\":\"What is Hearth?\"}]";
    private const string Schema = """{"type":"object","properties":{"answer":{"type":"string","maxLength":20},"sure":{"type":"boolean"}},"required":["answer","sure"],"additionalProperties":false}""";

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"strict\":true,\"schema\":" + Schema + "}}")]
    [InlineData("\"response_format\":{\"type\":\"json_object\",\"schema\":" + Schema + "}")]
    [InlineData("\"json_schema\":" + Schema)]
    public async Task Answer_SatisfiesTheSchema(string field)
    {
        (int status, JsonElement body) = await server.PostAsync(Chat, $"{{{Question},{field}}}");

        Assert.True(status == 200, body.ToString());
        JsonElement choice = body.GetProperty("choices")[0];
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        JsonElement answer = GuideServer.Parse(choice.GetProperty("message").GetProperty("content").GetString()!);
        Assert.Equal(["answer", "sure"], answer.EnumerateObject().Select(property => property.Name));
        Assert.InRange(answer.GetProperty("answer").GetString()!.Length, 0, 20);
        Assert.True(answer.GetProperty("sure").ValueKind is JsonValueKind.True or JsonValueKind.False);
    }

    [Fact]
    public async Task Grammar_IsFollowed_InBothKindsOfCompletions()
    {
        const string Grammar = "\"grammar\":\"root ::= \\\"yes\\\" | \\\"no\\\"\"";
        (_, JsonElement chat) = await server.PostAsync(Chat, $"{{{Question},{Grammar}}}");
        (_, JsonElement text) = await server.PostAsync("/v1/completions", $"{{\"model\":\"guide\",\"temperature\":0,\"prompt\":\"Is it?\",{Grammar}}}");

        Assert.Contains(chat.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), (string[])["yes", "no"]);
        Assert.Contains(text.GetProperty("choices")[0].GetProperty("text").GetString(), (string[])["yes", "no"]);
    }

    [Fact]
    public async Task Stream_GivesTheSameText()
    {
        string request = $"{{{Question},\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"a\",\"schema\":{Schema}}}}}";
        List<string> events = await server.StreamAsync(Chat, request + ",\"stream\":true}");
        (_, JsonElement whole) = await server.PostAsync(Chat, request + "}");

        string text = string.Concat(events.SkipLast(1).Select(data =>
            GuideServer.Parse(data).GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : null));
        Assert.Equal(whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), text);
    }

    [Fact]
    public async Task TooFewTokens_AreReported()
    {
        (_, JsonElement body) = await server.PostAsync(Chat, $"{{{Question.Replace("200", "3", StringComparison.Ordinal)},\"json_schema\":{Schema}}}");

        Assert.Equal("length", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"not\":{}}}}", "response_format", "'not'")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\"}}", "response_format", "schema")]
    [InlineData("\"response_format\":{}", "response_format", "type")]
    [InlineData("\"json_schema\":{\"type\":\"string\",\"format\":\"x\"}", "json_schema", "'format'")]
    [InlineData("\"grammar\":\"root ::= x\"", "grammar", "'x'")]
    [InlineData("\"grammar\":\"root ::= [a]\",\"json_schema\":{}", "grammar", "json_schema")]
    public async Task WhatCannotBeFollowed_IsRefusedByName(string field, string parameter, string word)
    {
        (int status, JsonElement body) = await server.PostAsync(Chat, $"{{{Question},{field}}}");

        JsonElement error = body.GetProperty("error");
        Assert.Equal((400, parameter), (status, error.GetProperty("param").GetString()));
        Assert.Contains(word, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
