using System.Text.Json;

namespace Hearth.Server.Tests.LlamaServer;

/// <summary>llama-server's small endpoints, with the built-in model.</summary>
public sealed class LlamaRoutesTests(GuideServer server)
{
    private const string Sample = "Héarth, <|im_start|>";

    [Theory]
    [InlineData("", false, true)]
    [InlineData(",\"add_special\":true", true, true)]
    [InlineData(",\"parse_special\":false", false, false)]
    public async Task Tokenize_IsTheVocabularys(string fields, bool addSpecial, bool parseSpecial)
    {
        JsonElement body = await PostAsync("/tokenize", "{\"content\":" + JsonSerializer.Serialize(Sample) + fields + "}");

        Assert.Equal(server.Model.Tokenizer.Encode(Sample, addSpecial, parseSpecial), body.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32()));
    }

    [Fact]
    public async Task TokenizeWithPieces_GivesBytesWhereTheyAreNoText()
    {
        JsonElement body = await PostAsync("/tokenize", "{\"content\":\"a \\u2603 b\",\"with_pieces\":true}");

        List<byte> bytes = [];
        foreach (JsonElement token in body.GetProperty("tokens").EnumerateArray())
        {
            JsonElement piece = token.GetProperty("piece");
            byte[] own = piece.ValueKind == JsonValueKind.String ? System.Text.Encoding.UTF8.GetBytes(piece.GetString()!) : [.. piece.EnumerateArray().Select(value => value.GetByte())];
            Assert.Equal(server.Model.Tokenizer.TokenBytes(token.GetProperty("id").GetInt32()).ToArray(), own);
            bytes.AddRange(own);
        }

        Assert.Equal("a \u2603 b", System.Text.Encoding.UTF8.GetString([.. bytes]).Trim());
    }

    [Fact]
    public async Task Tokenize_TakesTokensAmongTexts()
    {
        JsonElement body = await PostAsync("/tokenize", "{\"content\":[5,\"a\",6]}");

        int[] tokens = [.. body.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32())];
        Assert.Equal((5, 6), (tokens[0], tokens[^1]));
        Assert.Empty((await PostAsync("/tokenize", "{}")).GetProperty("tokens").EnumerateArray());
    }

    [Fact]
    public async Task Detokenize_IsTheOtherWay()
    {
        string ids = string.Join(',', server.Model.Tokenizer.Encode("What is Hearth?", addSpecial: false, parseSpecial: true));

        JsonElement body = await PostAsync("/detokenize", $"{{\"tokens\":[{ids}]}}");

        Assert.Equal("What is Hearth?", body.GetProperty("content").GetString());
    }

    [Fact]
    public async Task ApplyTemplate_ShowsThePrompt()
    {
        JsonElement body = await PostAsync("/apply-template", "{\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Why?\"}]}");

        string prompt = body.GetProperty("prompt").GetString()!;
        Assert.True(prompt.IndexOf("Be brief.", StringComparison.Ordinal) is >= 0 and int system && system < prompt.IndexOf("Why?", StringComparison.Ordinal), prompt);
    }

    [Theory]
    [InlineData("\"content\":\"What is Hearth?\"", 1)]
    [InlineData("\"content\":[\"a\",\"b\"]", 2)]
    [InlineData("\"input\":\"a\",\"embd_normalize\":-1", 1)]
    public async Task Embedding_HasARowForEachText(string fields, int count)
    {
        JsonElement body = await PostAsync("/embedding", "{" + fields + "}");

        Assert.Equal(Enumerable.Range(0, count), body.EnumerateArray().Select(entry => entry.GetProperty("index").GetInt32()));
        Assert.All(body.EnumerateArray(), entry => Assert.Equal(server.Model.Config.EmbeddingLength, Assert.Single(entry.GetProperty("embedding").EnumerateArray()).GetArrayLength()));
    }

    [Fact]
    public async Task Infill_NeedsAVocabularyForIt()
    {
        (int status, JsonElement body) = await server.PostAsync("/infill", "{\"input_prefix\":\"a\",\"input_suffix\":\"b\"}");

        Assert.Equal((501, "not_supported_error"), (status, body.GetProperty("error").GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("/infill", "{\"input_prefix\":\"a\"}", "input_suffix")]
    [InlineData("/infill", "{\"input_suffix\":\"a\"}", "input_prefix")]
    [InlineData("/infill", "{\"input_prefix\":\"a\",\"input_suffix\":\"b\",\"input_extra\":{}}", "input_extra")]
    [InlineData("/infill", "{\"input_prefix\":\"a\",\"input_suffix\":\"b\",\"input_extra\":[{\"filename\":\"x\"}]}", "input_extra[0].text")]
    [InlineData("/tokenize", "{\"content\":5}", "content")]
    [InlineData("/tokenize", "{\"content\":\"a\",\"add_special\":1}", "add_special")]
    [InlineData("/detokenize", "{\"tokens\":\"a\"}", "tokens")]
    [InlineData("/detokenize", "{\"tokens\":[99999999]}", "tokens")]
    [InlineData("/apply-template", "{}", "messages")]
    [InlineData("/embedding", "{}", "content")]
    [InlineData("/embedding", "{\"content\":\"\"}", "content")]
    public async Task BadRequests_AreRefusedByName(string path, string request, string name)
    {
        (int status, JsonElement body) = await server.PostAsync(path, request);

        JsonElement error = body.GetProperty("error");
        Assert.Equal((400, 400, "invalid_request_error"), (status, error.GetProperty("code").GetInt32(), error.GetProperty("type").GetString()));
        Assert.Contains(name, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slots_AreThoseOfTheModel()
    {
        JsonElement slots = await GetAsync("/slots?model=guide");

        Assert.Equal(Enumerable.Range(0, server.Model.Parallel), slots.EnumerateArray().Select(slot => slot.GetProperty("id").GetInt32()));
        Assert.All(slots.EnumerateArray(), slot => Assert.Equal(server.Model.ContextLength, slot.GetProperty("n_ctx").GetInt32()));
    }

    [Fact]
    public async Task Adapters_AreThoseThatAreLoaded() => Assert.Empty((await GetAsync("/lora-adapters")).EnumerateArray());

    [Theory]
    [InlineData("/healthz", "ok")]
    [InlineData("/readyz", "ok")]
    [InlineData("/v1/health", "{\"status\":\"ok\"}")]
    public async Task SignsOfLife_AreThere(string path, string expected) =>
        Assert.Equal(expected, await server.Client.GetStringAsync(path, TestContext.Current.CancellationToken));

    private async Task<JsonElement> PostAsync(string path, string json)
    {
        (int status, JsonElement body) = await server.PostAsync(path, json);
        Assert.True(status == 200, body.GetRawText());
        return body;
    }

    private async Task<JsonElement> GetAsync(string path) => TestServer.Parse(await server.Client.GetStringAsync(path, TestContext.Current.CancellationToken));
}
