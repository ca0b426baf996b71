using System.Text.Json;
using Hearth.Engine.Embedding;

namespace Hearth.Server.Tests.Reranking;

public sealed class RerankTests(MixedServer server)
{
    private const string Query = "what is a fox?";
    private static readonly string[] s_documents = ["a fox is an animal.", "rain", "the sun, again", "foxes run"];

    [Theory]
    [InlineData("/v1/rerank")]
    [InlineData("/rerank")]
    [InlineData("/v1/reranking")]
    [InlineData("/reranking")]
    [InlineData("/engines/rerank")]
    [InlineData("/engines/llama.cpp/rerank")]
    public async Task Results_AreSortedWithTheModelsScores(string path)
    {
        float[] scores = await ScoresAsync(s_documents.Select(document => (Query, document)));

        (int status, JsonElement body) = await server.PostAsync(path, Json(new { model = MixedServer.Reranker, query = Query, documents = s_documents }));

        Assert.Equal(200, status);
        Assert.Equal((MixedServer.Reranker, "list"), (body.GetProperty("model").GetString(), body.GetProperty("object").GetString()));
        JsonElement[] results = [.. body.GetProperty("results").EnumerateArray()];
        Assert.Equal(Enumerable.Range(0, 4).OrderByDescending(index => scores[index]), results.Select(Index));
        Assert.Equal(scores.OrderDescending(), results.Select(result => result.GetProperty("relevance_score").GetSingle()));
        Assert.All(results, result => Assert.False(result.TryGetProperty("document", out _)));
        EmbeddingModel model = await server.ModelAsync(MixedServer.Reranker);
        int tokens = s_documents.Sum(document => model.EncodePair(Query, document).Count);
        Assert.Equal((tokens, tokens), (body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), body.GetProperty("usage").GetProperty("total_tokens").GetInt32()));
    }

    [Fact]
    public async Task Best_AreReturnedWithTheirTexts()
    {
        object[] documents = [.. s_documents.Select((text, index) => index % 2 == 0 ? text : (object)new { text })];
        float[] scores = await ScoresAsync(s_documents.Select(document => (Query, document)));

        (_, JsonElement body) = await server.PostAsync("/v1/rerank", Json(new { query = Query, documents, top_n = 2, return_documents = true }));

        int[] best = [.. Enumerable.Range(0, 4).OrderByDescending(index => scores[index]).Take(2)];
        Assert.Equal(best, body.GetProperty("results").EnumerateArray().Select(Index));
        Assert.Equal(best.Select(index => s_documents[index]), body.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("document").GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Texts_AreAsManyAsAreWanted()
    {
        (_, JsonElement all) = await server.PostAsync("/v1/rerank", Json(new { query = Query, texts = s_documents }));
        (_, JsonElement best) = await server.PostAsync("/v1/rerank", Json(new { query = Query, texts = s_documents, top_n = 2 }));

        Assert.Equal(all.EnumerateArray().Take(2).Select(Index), best.EnumerateArray().Select(Index));
    }

    [Fact]
    public async Task Texts_GiveAPlainArray()
    {
        (int status, JsonElement body) = await server.PostAsync("/rerank", Json(new { query = Query, texts = s_documents, return_text = true }));

        Assert.Equal((200, JsonValueKind.Array), (status, body.ValueKind));
        Assert.All(body.EnumerateArray(), result => Assert.Equal(s_documents[Index(result)], result.GetProperty("text").GetString()));
        float[] scores = [.. body.EnumerateArray().Select(result => result.GetProperty("score").GetSingle())];
        Assert.Equal(scores.OrderDescending(), scores);
    }

    [Theory]
    [InlineData("/v1/score")]
    [InlineData("/score")]
    [InlineData("/engines/score")]
    [InlineData("/engines/vllm/score")]
    public async Task Score_IsTheProbabilityOfEachPairInOrder(string path)
    {
        float[] raw = await ScoresAsync(s_documents.Select(document => (Query, document)));

        (int status, JsonElement body) = await server.PostAsync(path, Json(new { model = MixedServer.Reranker, text_1 = Query, text_2 = s_documents }));

        Assert.Equal(200, status);
        JsonElement[] data = [.. body.GetProperty("data").EnumerateArray()];
        Assert.Equal([0, 1, 2, 3], data.Select(Index));
        Assert.All(data, entry => Assert.Equal(1 / (1 + Math.Exp(-raw[Index(entry)])), entry.GetProperty("score").GetDouble(), 1e-6));
        Assert.Equal("score", data[0].GetProperty("object").GetString());
        Assert.True(body.GetProperty("usage").GetProperty("total_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task Score_TakesPairsAndRawOutputs()
    {
        string[] queries = ["a", "b", "c", "d"];
        float[] raw = await ScoresAsync(queries.Zip(s_documents));

        (_, JsonElement body) = await server.PostAsync("/v1/score", Json(new { text_1 = queries, text_2 = s_documents, use_activation = false }));
        (_, JsonElement single) = await server.PostAsync("/v1/score", Json(new { text_1 = "a", text_2 = s_documents[0], use_activation = false }));

        Assert.Equal(raw, body.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("score").GetSingle()));
        Assert.Equal(raw[0], single.GetProperty("data")[0].GetProperty("score").GetSingle());
    }

    [Fact]
    public async Task LongDocument_IsRefusedOrCut()
    {
        string text = string.Concat(Enumerable.Repeat("word ", 40));

        (int refused, JsonElement error) = await server.PostAsync("/v1/rerank", Json(new { query = Query, documents = new[] { text } }));
        (int cut, JsonElement body) = await server.PostAsync("/v1/rerank", Json(new { query = Query, documents = new[] { text }, truncate = true }));
        (int query, JsonElement queryError) = await server.PostAsync("/v1/rerank", Json(new { query = text, documents = new[] { "a" }, truncate = true }));

        Assert.Equal((400, 200, 400), (refused, cut, query));
        Assert.All([error, queryError], item => Assert.Equal("context_length_exceeded", item.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal("documents", error.GetProperty("error").GetProperty("param").GetString());
        Assert.Contains("query", queryError.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(Hearth.Tests.TinyBert.ContextLength, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Theory]
    [InlineData("/v1/rerank", """{"documents":["a"]}""", "query", "missing_required_parameter")]
    [InlineData("/v1/rerank", """{"query":"","documents":["a"]}""", "query", "invalid_value")]
    [InlineData("/v1/rerank", """{"query":["a"],"documents":["a"]}""", "query", "invalid_type")]
    [InlineData("/v1/rerank", """{"query":"a"}""", "documents", "missing_required_parameter")]
    [InlineData("/v1/rerank", """{"query":"a","documents":[]}""", "documents", "invalid_value")]
    [InlineData("/v1/rerank", """{"query":"a","documents":"b"}""", "documents", "invalid_type")]
    [InlineData("/v1/rerank", """{"query":"a","documents":[5]}""", "documents[0]", "invalid_type")]
    [InlineData("/v1/rerank", """{"query":"a","documents":[{"title":"b"}]}""", "documents[0].text", "missing_required_parameter")]
    [InlineData("/v1/rerank", """{"query":"a","documents":[{"text":"b","title":"c"}]}""", "documents[0].title", "unsupported_parameter")]
    [InlineData("/v1/rerank", """{"query":"a","documents":["b"],"top_n":0}""", "top_n", "invalid_value")]
    [InlineData("/v1/rerank", """{"query":"a","documents":["b"],"texts":["b"]}""", "texts", "invalid_value")]
    [InlineData("/v1/rerank", """{"query":"a","documents":["b"],"rank_fields":["c"]}""", "rank_fields", "unsupported_parameter")]
    [InlineData("/v1/rerank", """{"query":"a","texts":["b"],"return_documents":true}""", "return_documents", "unsupported_parameter")]
    [InlineData("/v1/rerank", """{"query":"a","texts":["b"],"top_n":0}""", "top_n", "invalid_value")]
    [InlineData("/v1/score", """{"text_2":"a"}""", "text_1", "missing_required_parameter")]
    [InlineData("/v1/score", """{"text_1":"a","text_2":""}""", "text_2", "invalid_value")]
    [InlineData("/v1/score", """{"text_1":["a","b"],"text_2":["c"]}""", "text_1", "invalid_value")]
    [InlineData("/v1/score", """{"text_1":"a","text_2":["c"],"invented":1}""", "invented", "unsupported_parameter")]
    public async Task BadRequest_NamesTheField(string path, string json, string parameter, string code)
    {
        (int status, JsonElement body) = await server.PostAsync(path, json);

        JsonElement error = body.GetProperty("error");
        Assert.Equal((400, parameter, code), (status, error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }

    private static string Json(object value) => JsonSerializer.Serialize(value);

    private static int Index(JsonElement result) => result.GetProperty("index").GetInt32();

    private async Task<float[]> ScoresAsync(IEnumerable<(string Query, string Document)> pairs)
    {
        EmbeddingModel model = await server.ModelAsync(MixedServer.Reranker);
        IReadOnlyList<int>[] inputs = [.. pairs.Select(pair => model.EncodePair(pair.Query, pair.Document))];
        IReadOnlyList<float[]> outputs = await model.EmbedAsync(inputs, PoolingKind.Rank, cancellationToken: TestContext.Current.CancellationToken);
        return [.. outputs.Select(output => Assert.Single(output))];
    }
}
