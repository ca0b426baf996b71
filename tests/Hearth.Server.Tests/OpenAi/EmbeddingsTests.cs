using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Hearth.Engine.Embedding;
using Hearth.Tests;

namespace Hearth.Server.Tests.OpenAi;

public sealed class EmbeddingsTests(MixedServer server)
{
    private const string Path = "/v1/embeddings";
    private const string Hello = """{"model":"embedder","input":"hello there"}""";

    [Theory]
    [InlineData("/v1/embeddings")]
    [InlineData("/embeddings")]
    [InlineData("/engines/v1/embeddings")]
    [InlineData("/engines/llama.cpp/embeddings")]
    [InlineData("/engines/llama.cpp/v1/embeddings")]
    [InlineData("/openai/v1/embeddings")]
    public async Task Answer_HasTheShapeOfOpenAi(string path)
    {
        (int status, JsonElement body) = await server.PostAsync(path, Hello);

        Assert.Equal(200, status);
        Assert.Equal(["data", "model", "object", "usage"], body.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Equal(("list", "embedder"), (body.GetProperty("object").GetString(), body.GetProperty("model").GetString()));
        JsonElement entry = Assert.Single(body.GetProperty("data").EnumerateArray());
        Assert.Equal(("embedding", 0), (entry.GetProperty("object").GetString(), entry.GetProperty("index").GetInt32()));
        Assert.Equal(TinyBert.EmbeddingLength, entry.GetProperty("embedding").GetArrayLength());
        EmbeddingModel model = await server.ModelAsync(MixedServer.Embedder);
        Assert.Equal((model.Encode("hello there").Count, model.Encode("hello there").Count), Usage(body));
    }

    [Fact]
    public async Task Vector_IsTheModelsNormalised()
    {
        EmbeddingModel model = await server.ModelAsync(MixedServer.Embedder);
        IReadOnlyList<float[]> raw = await model.EmbedAsync([model.Encode("hello there")], cancellationToken: TestContext.Current.CancellationToken);

        float[] vector = await VectorAsync(Hello);

        Assert.Equal(1, Math.Sqrt(vector.Sum(value => (double)value * value)), 1e-6);
        Assert.Equal(EmbeddingNorm.Scale(raw[0]), vector);
        Assert.Equal(raw[0], await VectorAsync(Hello[..^1] + ""","embd_normalize":-1}"""));
    }

    [Fact]
    public async Task Inputs_AreTextsOrTokensInOrder()
    {
        EmbeddingModel model = await server.ModelAsync(MixedServer.Embedder);
        string[] texts = ["one", "two words", "three whole words", "one"];
        string ids = string.Join(',', texts.Select(text => $"[{string.Join(',', model.Encode(text))}]"));

        (_, JsonElement asTexts) = await server.PostAsync(Path, JsonSerializer.Serialize(new { model = "embedder", input = texts }));
        (_, JsonElement asTokens) = await server.PostAsync(Path, $$"""{"model":"embedder","input":[{{ids}}]}""");

        float[][] vectors = [.. asTexts.GetProperty("data").EnumerateArray().Select(Vector)];
        Assert.Equal(vectors, asTokens.GetProperty("data").EnumerateArray().Select(Vector));
        Assert.Equal([0, 1, 2, 3], asTexts.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("index").GetInt32()));
        Assert.Equal(vectors[0], vectors[3]);
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.Equal(vectors[1], await VectorAsync("""{"model":"embedder","input":"two words"}"""));
        Assert.Equal(vectors[2], await VectorAsync($$"""{"model":"embedder","input":[{{string.Join(',', model.Encode(texts[2]))}}]}"""));
        Assert.Equal(texts.Sum(text => model.Encode(text).Count), Usage(asTexts).Prompt);
    }

    [Fact]
    public async Task Base64_IsTheSameVector()
    {
        float[] expected = await VectorAsync(Hello[..^1] + ""","encoding_format":"float","user":"me"}""");

        (_, JsonElement body) = await server.PostAsync(Path, Hello[..^1] + ""","encoding_format":"base64"}""");

        byte[] bytes = body.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(bytes).ToArray());
    }

    [Fact]
    public async Task Dimensions_CutAndNormaliseAgain()
    {
        float[] whole = await VectorAsync(Hello);

        float[] cut = await VectorAsync(Hello[..^1] + ""","dimensions":8}""");

        Assert.Equal(8, cut.Length);
        Assert.Equal(1, cut.Sum(value => (double)value * value), 1e-6);
        Assert.Equal(whole[0] / whole[7], cut[0] / cut[7], 1e-4);
    }

    [Fact]
    public async Task TooLong_IsRefusedWithTheNumbersOrCut()
    {
        string text = string.Concat(Enumerable.Repeat("word ", 40));
        EmbeddingModel model = await server.ModelAsync(MixedServer.Embedder);

        (int status, JsonElement refused) = await server.PostAsync(Path, $$"""{"model":"embedder","input":["short","{{text}}"]}""");
        (int cutStatus, JsonElement cut) = await server.PostAsync(Path, $$"""{"model":"embedder","input":["short","{{text}}"],"truncate":true}""");

        Assert.Equal((400, 200), (status, cutStatus));
        JsonElement error = refused.GetProperty("error");
        Assert.Equal(("input", "context_length_exceeded"), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Contains($"{model.Encode(text).Count} tokens", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains($"{TinyBert.ContextLength}", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(model.Encode("short").Count + TinyBert.ContextLength, Usage(cut).Prompt);
    }

    [Fact]
    public async Task MarkersInText_AreText()
    {
        EmbeddingModel model = await server.ModelAsync(MixedServer.Embedder);

        (_, JsonElement body) = await server.PostAsync(Path, """{"model":"embedder","input":"a [SEP] b"}""");

        Assert.Equal(1, model.Encode("a [SEP] b").Count(token => token == TinyBert.Separator));
        Assert.Equal(model.Encode("a [SEP] b").Count, Usage(body).Prompt);
    }

    [Theory]
    [InlineData("""{"model":"embedder"}""", "input", "missing_required_parameter")]
    [InlineData("""{"model":"embedder","input":""}""", "input", "invalid_value")]
    [InlineData("""{"model":"embedder","input":[]}""", "input", "invalid_value")]
    [InlineData("""{"model":"embedder","input":["a",""]}""", "input[1]", "invalid_value")]
    [InlineData("""{"model":"embedder","input":[[1],[]]}""", "input[1]", "invalid_value")]
    [InlineData("""{"model":"embedder","input":5}""", "input", "invalid_type")]
    [InlineData("""{"model":"embedder","input":{"text":"a"}}""", "input", "invalid_type")]
    [InlineData("""{"model":"embedder","input":["a",5]}""", "input[1]", "invalid_type")]
    [InlineData("""{"model":"embedder","input":[1,"a"]}""", "input", "invalid_type")]
    [InlineData("""{"model":"embedder","input":[1,99999]}""", "input", "invalid_type")]
    [InlineData("""{"model":"embedder","input":[-1]}""", "input", "invalid_type")]
    [InlineData("""{"model":"embedder","input":[1.5]}""", "input", "invalid_type")]
    [InlineData("""{"model":"embedder","input":"\ud800"}""", "input", "invalid_unicode")]
    [InlineData("""{"model":"embedder","input":"a","dimensions":33}""", "dimensions", "invalid_value")]
    [InlineData("""{"model":"embedder","input":"a","dimensions":0}""", "dimensions", "invalid_value")]
    [InlineData("""{"model":"embedder","input":"a","encoding_format":"hex"}""", "encoding_format", "invalid_value")]
    [InlineData("""{"model":"embedder","input":"a","encoding_format":1}""", "encoding_format", "invalid_type")]
    [InlineData("""{"model":"embedder","input":"a","embd_normalize":-2}""", "embd_normalize", "invalid_value")]
    [InlineData("""{"model":"embedder","input":"a","truncate":"yes"}""", "truncate", "invalid_type")]
    [InlineData("""{"model":"embedder","input":"a","invented":1}""", "invented", "unsupported_parameter")]
    [InlineData("""{"model":"reranker","input":"a"}""", "model", "model_not_supported")]
    public async Task BadRequest_NamesTheField(string json, string parameter, string code)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, json);

        JsonElement error = body.GetProperty("error");
        Assert.Equal((400, parameter, code), (status, error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.False(string.IsNullOrWhiteSpace(error.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task TooManyInputs_AreRefused()
    {
        string inputs = string.Join(',', Enumerable.Repeat("\"a\"", 2049));

        (int status, JsonElement body) = await server.PostAsync(Path, $$"""{"model":"embedder","input":[{{inputs}}]}""");

        Assert.Equal((400, "input"), (status, body.GetProperty("error").GetProperty("param").GetString()));
        Assert.Contains("2048", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_AreChosenByNameOrByWhatTheyCan()
    {
        (int unknown, JsonElement error) = await server.PostAsync(Path, """{"model":"nothing","input":"a"}""");
        (_, JsonElement left) = await server.PostAsync(Path, """{"input":"a"}""");
        (_, JsonElement chat) = await server.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"max_tokens":1}""");

        Assert.Equal((404, "model_not_found"), (unknown, error.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(("embedder", "guide"), (left.GetProperty("model").GetString(), chat.GetProperty("model").GetString()));
        string list = await server.Client.GetStringAsync("/v1/models", TestContext.Current.CancellationToken);
        Assert.Equal(["guide", "embedder", "reranker"], MixedServer.Parse(list).GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"embedder","messages":[{"role":"user","content":"hi"}]}""")]
    [InlineData("/v1/completions", """{"model":"embedder","prompt":"hi"}""")]
    [InlineData("/v1/rerank", """{"model":"embedder","query":"a","documents":["b"]}""")]
    [InlineData("/v1/rerank", """{"model":"guide","query":"a","documents":["b"]}""")]
    public async Task ModelOfAnotherKind_IsRefused(string path, string json)
    {
        (int status, JsonElement body) = await server.PostAsync(path, json);

        JsonElement error = body.GetProperty("error");
        Assert.Equal((400, "model", "model_not_supported"), (status, error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task ChatModel_EmbedsToo()
    {
        float[] hearth = await VectorAsync("""{"model":"guide","input":"What is Hearth?"}""");
        float[] again = await VectorAsync("""{"model":"guide","input":["unlike", "What is Hearth?"]}""", 1);

        Assert.Equal(1, hearth.Sum(value => (double)value * value), 1e-6);
        Assert.Equal(hearth, again);
    }

    [Fact]
    public async Task Embeddings_AreMadeWhileAChatStreams()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(
                """{"model":"guide","messages":[{"role":"user","content":"hi"}],"stream":true,"ignore_eos":true,"n":128}""", Encoding.UTF8, "application/json"),
        };
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using StreamReader stream = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith("data: ", await stream.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(TinyBert.EmbeddingLength, (await VectorAsync(Hello)).Length);
            await stream.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith("data: {", await stream.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private static float[] Vector(JsonElement entry) => [.. entry.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle())];

    private static (int Prompt, int Total) Usage(JsonElement body) =>
        (body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), body.GetProperty("usage").GetProperty("total_tokens").GetInt32());

    private async Task<float[]> VectorAsync(string json, int index = 0)
    {
        (int status, JsonElement body) = await server.PostAsync(Path, json);
        Assert.True(status == 200, body.ToString());
        return Vector(body.GetProperty("data")[index]);
    }
}
