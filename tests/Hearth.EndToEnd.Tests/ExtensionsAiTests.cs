using System.ClientModel;
using System.ComponentModel;
using System.Text;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Hearth.EndToEnd.Tests;

/// <summary><c>Microsoft.Extensions.AI</c> through OpenAI's client, unchanged, against <c>hearth serve</c>.</summary>
public sealed class ExtensionsAiTests : IAsyncLifetime
{
    private readonly TemporaryFiles _files = new();
    private ServerProcess? _server;
    private OpenAIClient? _client;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync("guide", CallerModel.Write(_files.Combine(CallerModel.Name + ".gguf")));
        _client = new OpenAIClient(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri($"http://{_server.Host}/v1") });
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _files.Dispose();
    }

    [Fact]
    public async Task Chat_AnswersWholeAndStreamed()
    {
        using IChatClient chat = _client!.GetChatClient("guide").AsIChatClient();
        ChatOptions options = new() { Temperature = 0 };

        ChatResponse whole = await chat.GetResponseAsync("What is Hearth?", options, TestContext.Current.CancellationToken);
        StringBuilder streamed = new();
        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync("What is Hearth?", options, TestContext.Current.CancellationToken))
        {
            streamed.Append(update.Text);
        }

        Assert.Contains("Hearth", whole.Text, StringComparison.Ordinal);
        Assert.Equal(whole.Text, streamed.ToString());
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
        Assert.Equal(whole.Usage!.TotalTokenCount, whole.Usage.InputTokenCount + whole.Usage.OutputTokenCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Function_IsInvokedAndItsResultAnswered(bool responses)
    {
        List<(double, double)> calls = [];
        AIFunction add = AIFunctionFactory.Create(
            ([Description("the first")] double a, [Description("the second")] double b) =>
            {
                calls.Add((a, b));
                return a + b;
            },
            "add",
            "Adds two numbers");
#pragma warning disable OPENAI001 // The SDK marks its Responses client as experimental.
        using IChatClient inner = responses ? _client!.GetResponsesClient().AsIChatClient(CallerModel.Name) : _client!.GetChatClient(CallerModel.Name).AsIChatClient();
#pragma warning restore OPENAI001
        using IChatClient chat = inner.AsBuilder().UseFunctionInvocation().Build();

        ChatResponse response = await chat.GetResponseAsync("1.5 + 2?", new ChatOptions { Tools = [add] }, TestContext.Current.CancellationToken);

        Assert.Equal([(1.5, 2.0)], calls);
        Assert.Equal(CallerModel.Answer, response.Messages[^1].Text);
        Assert.Contains(response.Messages.SelectMany(message => message.Contents), content => content is FunctionResultContent);
    }

    [Fact]
    public async Task Function_IsInvokedWithinAStream()
    {
        int calls = 0;
        AIFunction add = AIFunctionFactory.Create((double a, double b) => (calls++, a + b).Item2, "add");
        using IChatClient chat = _client!.GetChatClient(CallerModel.Name).AsIChatClient().AsBuilder().UseFunctionInvocation().Build();
        StringBuilder text = new();

        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync("1.5 + 2?", new ChatOptions { Tools = [add] }, TestContext.Current.CancellationToken))
        {
            text.Append(update.Text);
        }

        Assert.Equal(1, calls);
        Assert.EndsWith(CallerModel.Answer, text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Function_CanBeDemanded()
    {
        AIFunction pick = AIFunctionFactory.Create((Colour colour, int count) => $"{count} {colour}", "pick");
        using IChatClient chat = _client!.GetChatClient("guide").AsIChatClient();

        ChatResponse response = await chat.GetResponseAsync(
            "Pick one.", new ChatOptions { Tools = [pick], ToolMode = ChatToolMode.RequireSpecific("pick") }, TestContext.Current.CancellationToken);

        FunctionCallContent call = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().First();
        Assert.Equal("pick", call.Name);
        Assert.Null(call.Exception);
        Assert.Equal(["colour", "count"], call.Arguments!.Keys.Order());
    }

    [Fact]
    public async Task Answer_HasTheTypeThatWasAskedFor()
    {
        using IChatClient chat = _client!.GetChatClient("guide").AsIChatClient();

        ChatResponse<Choice> response = await chat.GetResponseAsync<Choice>("Choose.", new ChatOptions { MaxOutputTokens = 300 }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(response.TryGetResult(out Choice? choice), response.Text);
        Assert.True(Enum.IsDefined(choice.Colour));
    }

    [Fact]
    public async Task Texts_BecomeVectors()
    {
        using IEmbeddingGenerator<string, Embedding<float>> generator = _client!.GetEmbeddingClient("guide").AsIEmbeddingGenerator();

        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(["one", "two"], cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(2, vectors.Count);
        Assert.NotEqual(vectors[0].Vector.ToArray(), vectors[1].Vector.ToArray());
    }

    private enum Colour
    {
        Red,
        Green,
    }

    [Description("What was chosen")]
    private sealed record Choice(Colour Colour, bool Sure);
}
