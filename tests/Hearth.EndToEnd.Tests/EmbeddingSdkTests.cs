using System.ClientModel;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Hearth.Tests;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;

namespace Hearth.EndToEnd.Tests;

/// <summary>A chat model, an embedding model and a reranker at one address, through the official OpenAI .NET SDK.</summary>
public sealed class EmbeddingSdkTests : IAsyncLifetime
{
    private readonly TemporaryFiles _files = new();
    private Process? _server;
    private OpenAIClient? _client;
    private Uri? _address;

    public async ValueTask InitializeAsync()
    {
        string embedder = TinyBert.WriteEmbedder(_files.Combine("embedder.gguf"));
        string reranker = TinyBert.WriteReranker(_files.Combine("reranker.gguf"));
        _server = HearthProcess.Start("serve", "guide", embedder, reranker, "--listen", "127.0.0.1:0");
        string line = await _server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await _server.StandardError.ReadToEndAsync());
        _address = new Uri(line["Listening on ".Length..]);
        _client = new OpenAIClient(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri(_address, "/v1") });
    }

    public async ValueTask DisposeAsync()
    {
        _server!.Kill();
        await _server.WaitForExitAsync();
        _server.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task TextsAndTokens_AreEmbedded()
    {
        EmbeddingClient embedder = _client!.GetEmbeddingClient("embedder");
        string[] texts = ["a fox", "the rain", "a fox"];

        OpenAIEmbeddingCollection vectors = await embedder.GenerateEmbeddingsAsync(texts, cancellationToken: TestContext.Current.CancellationToken);
        OpenAIEmbedding one = await embedder.GenerateEmbeddingAsync("a fox", new EmbeddingGenerationOptions { Dimensions = 8, EndUserId = "me" }, TestContext.Current.CancellationToken);
        OpenAIEmbeddingCollection tokens = await embedder.GenerateEmbeddingsAsync([new ReadOnlyMemory<int>([2, 10, 3])], cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([0, 1, 2], vectors.Select(vector => vector.Index));
        Assert.All(vectors, vector => Assert.Equal(1, Norm(vector), 1e-5));
        Assert.Equal(vectors[0].ToFloats().ToArray(), vectors[2].ToFloats().ToArray());
        Assert.NotEqual(vectors[0].ToFloats().ToArray(), vectors[1].ToFloats().ToArray());
        Assert.Equal((8, TinyBert.EmbeddingLength), (one.ToFloats().Length, tokens[0].ToFloats().Length));
        Assert.Equal((3, 3), (tokens.Usage.InputTokenCount, tokens.Usage.TotalTokenCount));
    }

    [Fact]
    public async Task ChatAndEmbeddings_ComeFromOneAddress()
    {
        ChatClient chat = _client!.GetChatClient("guide");
        Task<ClientResult<ChatCompletion>> answer = chat.CompleteChatAsync(
            [new UserChatMessage("What is Hearth?")], new ChatCompletionOptions { Temperature = 0 }, TestContext.Current.CancellationToken);
        OpenAIEmbedding vector = await _client.GetEmbeddingClient("embedder").GenerateEmbeddingAsync("a fox", cancellationToken: TestContext.Current.CancellationToken);
        OpenAIModelCollection models = await _client.GetOpenAIModelClient().GetModelsAsync(TestContext.Current.CancellationToken);

        Assert.Contains("Hearth", (await answer).Value.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(TinyBert.EmbeddingLength, vector.ToFloats().Length);
        Assert.Equal(["guide", "embedder", "reranker"], models.Select(model => model.Id));
    }

    [Fact]
    public async Task Errors_ArriveAsTheSdksException()
    {
        EmbeddingClient embedder = _client!.GetEmbeddingClient("embedder");

        ClientResultException tooLong = await Assert.ThrowsAsync<ClientResultException>(
            () => embedder.GenerateEmbeddingAsync(new string('a', 500), cancellationToken: TestContext.Current.CancellationToken));
        ClientResultException chat = await Assert.ThrowsAsync<ClientResultException>(
            () => _client!.GetChatClient("embedder").CompleteChatAsync([new UserChatMessage("hi")], cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((400, 400), (tooLong.Status, chat.Status));
        Assert.Contains("context_length_exceeded", tooLong.Message, StringComparison.Ordinal);
        Assert.Contains("model_not_supported", chat.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reranker_SortsDocuments()
    {
        using HttpClient http = new() { BaseAddress = _address };
        using HttpResponseMessage response = await http.PostAsJsonAsync(
            "/rerank", new { model = "reranker", query = "fox", documents = new[] { "rain", "a fox", "the sun" } }, TestContext.Current.CancellationToken);

        JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        double[] scores = [.. body.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("relevance_score").GetDouble())];
        Assert.Equal(3, scores.Length);
        Assert.Equal(scores.OrderDescending(), scores);
    }

    private static double Norm(OpenAIEmbedding vector) => Math.Sqrt(vector.ToFloats().ToArray().Sum(value => (double)value * value));
}
