using System.ClientModel;
using System.Diagnostics;
using System.Text;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;

namespace Hearth.EndToEnd.Tests;

/// <summary>The official OpenAI .NET SDK, unchanged, against <c>hearth serve</c>.</summary>
public sealed class OpenAiSdkTests : IAsyncLifetime
{
    private Process? _server;
    private OpenAIClient? _client;
    private Uri? _endpoint;

    public async ValueTask InitializeAsync()
    {
        _server = HearthProcess.Start("serve", "--listen", "127.0.0.1:0");
        string line = await _server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await _server.StandardError.ReadToEndAsync());
        _endpoint = new Uri(line["Listening on ".Length..] + "/v1");
        _client = new OpenAIClient(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = _endpoint });
    }

    public async ValueTask DisposeAsync()
    {
        _server!.Kill();
        await _server.WaitForExitAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Chat_AnswersWholeAndStreamed()
    {
        ChatClient chat = _client!.GetChatClient("guide");
        ChatCompletionOptions options = new() { Temperature = 0 };
        ChatMessage[] messages = [new SystemChatMessage("You are the guide."), new UserChatMessage("What is Hearth?")];

        ChatCompletion completion = await chat.CompleteChatAsync(messages, options, TestContext.Current.CancellationToken);
        StringBuilder streamed = new();
        ChatFinishReason? reason = null;
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync(messages, options, TestContext.Current.CancellationToken))
        {
            streamed.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            reason ??= update.FinishReason;
            usage ??= update.Usage;
        }

        Assert.Contains("Hearth", completion.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(completion.Content[0].Text, streamed.ToString());
        Assert.Equal((ChatFinishReason.Stop, ChatFinishReason.Stop), (completion.FinishReason, reason));
        Assert.Equal(completion.Usage.TotalTokenCount, usage?.TotalTokenCount);
    }

    [Fact]
    public async Task Options_AreTakenAndMean()
    {
        ChatClient chat = _client!.GetChatClient("guide");
#pragma warning disable OPENAI001 // The seed is marked as experimental in the SDK.
        ChatCompletionOptions options = new() { MaxOutputTokenCount = 4, IncludeLogProbabilities = true, TopLogProbabilityCount = 2, Seed = 3, TopP = 0.9f, FrequencyPenalty = 0.1f, PresencePenalty = 0.1f };
#pragma warning restore OPENAI001

        ChatCompletion first = await chat.CompleteChatAsync([new UserChatMessage("Hello")], options, TestContext.Current.CancellationToken);
        ChatCompletion second = await chat.CompleteChatAsync([new UserChatMessage("Hello")], options, TestContext.Current.CancellationToken);

        Assert.Equal(ChatFinishReason.Length, first.FinishReason);
        Assert.Equal(4, first.ContentTokenLogProbabilities.Count);
        Assert.All(first.ContentTokenLogProbabilities, token => Assert.Equal(2, token.TopLogProbabilities.Count));
        Assert.Equal(first.Content[0].Text, second.Content[0].Text);
    }

    [Fact]
    public async Task Models_AreListed()
    {
        OpenAIModelCollection models = await _client!.GetOpenAIModelClient().GetModelsAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["guide"], models.Select(model => model.Id));
    }

    [Fact]
    public async Task Error_ArrivesAsTheSdksException()
    {
        ClientResultException exception = await Assert.ThrowsAsync<ClientResultException>(
            () => _client!.GetChatClient("nothing").CompleteChatAsync([new UserChatMessage("hi")], cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(404, exception.Status);
        Assert.Contains("model_not_found", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PortInUse_IsAClearError()
    {
        string endpoint = _endpoint!.Authority;

        (int code, _, string error) = await HearthProcess.RunAsync(["serve", "--listen", endpoint]);

        Assert.Equal(1, code);
        Assert.Contains(endpoint, error, StringComparison.Ordinal);
        Assert.Contains("--listen", error, StringComparison.Ordinal);
    }
}
