using System.Text.Json;
using Hearth.Tests;

namespace Hearth.Server.Tests.Ollama;

/// <summary><c>/api/embed</c> and <c>/api/embeddings</c>.</summary>
public sealed class EmbedTests(MixedServer server)
{
    private const string Model = "\"model\":\"embedder\"";

    [Fact]
    public async Task Embed_GivesVectorsOfLengthOneInOrder()
    {
        JsonElement one = (await PostAsync("/api/embed", $"{{{Model},\"input\":\"one\"}}")).Body;
        JsonElement both = (await PostAsync("/api/embed", $"{{{Model},\"input\":[\"two two\",\"one\",\"\"]}}")).Body;

        Assert.Equal(["model", "embeddings", "total_duration", "load_duration", "prompt_eval_count"], one.Names());
        float[][] vectors = Vectors(both);
        Assert.Equal(3, vectors.Length);
        Assert.Equal(Assert.Single(Vectors(one)), vectors[1]);
        Assert.All(vectors, vector => Assert.Equal(1, vector.Sum(value => value * value), 3));
        Assert.Equal(TinyBert.EmbeddingLength, vectors[0].Length);
        Assert.True(both.GetProperty("prompt_eval_count").GetInt32() > one.GetProperty("prompt_eval_count").GetInt32());
    }

    [Theory]
    [InlineData("{" + Model + "}")]
    [InlineData("{" + Model + ",\"input\":\"\"}")]
    [InlineData("{" + Model + ",\"input\":[]}")]
    [InlineData("{" + Model + ",\"input\":null}")]
    public async Task Embed_OfNothingLoadsTheModel(string json)
    {
        OllamaReply reply = await PostAsync("/api/embed", json);

        Assert.Equal(200, reply.Status);
        Assert.Empty(Vectors(reply.Body));
        JsonElement running = (await OllamaClient.SendAsync(server.Client, HttpMethod.Get, "/api/ps")).Body;
        Assert.Contains(running.GetProperty("models").EnumerateArray(), model => model.Text("name") == "embedder:latest");
    }

    [Fact]
    public async Task Embed_CutsAndNormalisesAgain()
    {
        float[] whole = Vectors((await PostAsync("/api/embed", $"{{{Model},\"input\":\"cut me\"}}")).Body)[0];
        float[] cut = Vectors((await PostAsync("/api/embed", $"{{{Model},\"input\":\"cut me\",\"dimensions\":8}}")).Body)[0];

        double length = Math.Sqrt(whole[..8].Sum(value => (double)value * value));
        Assert.Equal(whole[..8].Select(value => value / length), cut.Select(value => (double)value), (left, right) => Math.Abs(left - right) < 1e-5);
    }

    [Fact]
    public async Task Embed_TruncatesToTheContextAskedFor()
    {
        float[] word = Vectors((await PostAsync("/api/embed", $"{{{Model},\"input\":\"w\"}}")).Body)[0];
        JsonElement cut = (await PostAsync("/api/embed", $"{{{Model},\"input\":\"why is the sky blue?\",\"options\":{{\"num_ctx\":3}}}}")).Body;
        OllamaReply refused = await PostAsync("/api/embed", $"{{{Model},\"input\":\"why is the sky blue?\",\"truncate\":false,\"options\":{{\"num_ctx\":3}}}}");
        OllamaReply nothing = await PostAsync("/api/embed", $"{{{Model},\"input\":\"why is the sky blue?\",\"options\":{{\"num_ctx\":1}}}}");
        OllamaReply longer = await PostAsync("/api/embed", $"{{{Model},\"input\":[\"short\",\"{new string('x', 500)}\"]}}");

        Assert.Equal(word, Vectors(cut)[0]);
        Assert.Equal(3, cut.GetProperty("prompt_eval_count").GetInt32());
        Assert.Equal((400, "the input length exceeds the context length"), (refused.Status, refused.Error));
        Assert.Equal((400, "input after truncation exceeds maximum context length"), (nothing.Status, nothing.Error));
        Assert.Equal(2, Vectors(longer.Body).Length);
    }

    [Fact]
    public async Task Embeddings_GiveOneVector()
    {
        float[] vector = Vectors((await PostAsync("/api/embed", $"{{{Model},\"input\":\"one\"}}")).Body)[0];
        JsonElement legacy = (await PostAsync("/api/embeddings", $"{{{Model},\"prompt\":\"one\"}}")).Body;
        JsonElement empty = (await PostAsync("/api/embeddings", $"{{{Model}}}")).Body;

        Assert.Equal(vector, legacy.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()));
        Assert.Empty(empty.GetProperty("embedding").EnumerateArray());
    }

    private static float[][] Vectors(JsonElement body) =>
        [.. body.GetProperty("embeddings").EnumerateArray().Select(vector => vector.EnumerateArray().Select(value => value.GetSingle()).ToArray())];

    private Task<OllamaReply> PostAsync(string path, string json) => OllamaClient.PostAsync(server.Client, path, json);
}
