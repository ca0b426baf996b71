#pragma warning disable OPENAI001 // All of the SDK's Responses API is marked as experimental.
using System.ClientModel;
using System.Text;
using OpenAI.Responses;

namespace Hearth.EndToEnd.Tests;

/// <summary>The Responses API through the official OpenAI .NET SDK, with a model that makes a call and answers its result.</summary>
public sealed class ResponseSdkTests : IAsyncLifetime
{
    private readonly TemporaryFiles _files = new();
    private ServerProcess? _server;
    private ResponsesClient? _client;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(CallerModel.Write(_files.Combine(CallerModel.Name + ".gguf")));
        _client = new ResponsesClient(new ApiKeyCredential("any"), new ResponsesClientOptions { Endpoint = new Uri($"http://{_server.Host}/v1") });
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
    public async Task Call_IsMadeAndAnsweredInAKeptConversation()
    {
        ResponseResult first = await _client!.CreateResponseAsync(Options("1.5 + 2?"), TestContext.Current.CancellationToken);

        Assert.Equal((ResponseStatus.Completed, "I add."), (first.Status, first.GetOutputText()));
        Assert.Equal("test", first.Metadata["by"]);
        Assert.True(first.Usage.OutputTokenDetails.ReasoningTokenCount > 0);
        Assert.Equal("A sum.", Assert.Single(first.OutputItems.OfType<ReasoningResponseItem>()).GetSummaryText());
        FunctionCallResponseItem call = Assert.Single(first.OutputItems.OfType<FunctionCallResponseItem>());
        Assert.Equal(("add", CallerModel.Arguments), (call.FunctionName, call.FunctionArguments.ToString()));

        CreateResponseOptions options = Options(null);
        options.PreviousResponseId = first.Id;
        options.InputItems.Add(ResponseItem.CreateFunctionCallOutputItem(call.CallId, "3.5"));
        ResponseResult second = await _client.CreateResponseAsync(options, TestContext.Current.CancellationToken);

        Assert.Equal((first.Id, CallerModel.Answer), (second.PreviousResponseId, second.GetOutputText()));
        List<ResponseItem> input = await _client.GetResponseInputItemsAsync(
            new ResponseItemCollectionOptions(second.Id) { Order = ResponseItemCollectionOrder.Ascending, PageSizeLimit = 2 }, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            [ResponseItemKind.Message, ResponseItemKind.Reasoning, ResponseItemKind.Message, ResponseItemKind.FunctionCall, ResponseItemKind.FunctionCallOutput],
            input.Select(item => item.Kind));
    }

    [Fact]
    public async Task Items_AreSentBackWhereNothingIsKept()
    {
        CreateResponseOptions options = Options("1.5 + 2?");
        options.StoredOutputEnabled = false;
        ResponseResult first = await _client!.CreateResponseAsync(options, TestContext.Current.CancellationToken);
        string call = first.OutputItems.OfType<FunctionCallResponseItem>().Single().CallId;
        foreach (ResponseItem item in (ResponseItem[])[.. first.OutputItems, ResponseItem.CreateFunctionCallOutputItem(call, "3.5")])
        {
            options.InputItems.Add(item);
        }

        ResponseResult second = await _client.CreateResponseAsync(options, TestContext.Current.CancellationToken);

        Assert.Equal(CallerModel.Answer, second.GetOutputText());
        ClientResultException missing = await Assert.ThrowsAsync<ClientResultException>(() => _client.GetResponseAsync(first.Id, TestContext.Current.CancellationToken));
        Assert.Equal(404, missing.Status);
    }

    [Fact]
    public async Task Response_IsStreamed()
    {
        CreateResponseOptions options = Options("1.5 + 2?");
        options.StreamingEnabled = true;
        StringBuilder text = new();
        StringBuilder arguments = new();
        StringBuilder thought = new();
        ResponseResult? whole = null;
        await foreach (StreamingResponseUpdate update in _client!.CreateResponseStreamingAsync(options, TestContext.Current.CancellationToken))
        {
            switch (update)
            {
                case StreamingResponseOutputTextDeltaUpdate delta:
                    text.Append(delta.Delta);
                    break;
                case StreamingResponseFunctionCallArgumentsDeltaUpdate delta:
                    arguments.Append(delta.Delta);
                    break;
                case StreamingResponseReasoningSummaryTextDeltaUpdate delta:
                    thought.Append(delta.Delta);
                    break;
                case StreamingResponseCompletedUpdate completed:
                    whole = completed.Response;
                    break;
            }
        }

        Assert.Equal(("I add.", CallerModel.Arguments, "A sum."), (text.ToString(), arguments.ToString(), thought.ToString()));
        Assert.Equal(3, whole!.OutputItems.Count);
        ResponseResult kept = await _client.GetResponseAsync(whole.Id, TestContext.Current.CancellationToken);
        Assert.Equal(whole.GetOutputText(), kept.GetOutputText());
        ResponseDeletionResult deleted = await _client.DeleteResponseAsync(whole.Id, TestContext.Current.CancellationToken);
        Assert.True(deleted.Deleted);
    }

    [Fact]
    public async Task Schema_IsFollowed()
    {
        CreateResponseOptions options = new(CallerModel.Name, [ResponseItem.CreateUserMessageItem("1.5 + 2?")])
        {
            TextOptions = new ResponseTextOptions { TextFormat = ResponseTextFormat.CreateJsonSchemaFormat("verdict", BinaryData.FromString("""{"enum":["yes","no"]}"""), jsonSchemaIsStrict: true) },
            IncludedProperties = { IncludedResponseProperty.MessageOutputTextLogProbabilities },
            TopLogProbabilityCount = 2,
        };

        ResponseResult response = await _client!.CreateResponseAsync(options, TestContext.Current.CancellationToken);

        Assert.Contains(response.GetOutputText(), (string[])["\"yes\"", "\"no\""]);
    }

    [Fact]
    public async Task Refusal_ArrivesAsTheSdksException()
    {
        CreateResponseOptions options = Options("1.5 + 2?");
        options.BackgroundModeEnabled = true;

        ClientResultException exception = await Assert.ThrowsAsync<ClientResultException>(() => _client!.CreateResponseAsync(options, TestContext.Current.CancellationToken));

        Assert.Equal(400, exception.Status);
        Assert.Contains("background", exception.Message, StringComparison.Ordinal);
    }

    private static CreateResponseOptions Options(string? question)
    {
        CreateResponseOptions options = new()
        {
            Model = CallerModel.Name,
            Instructions = "Be brief.",
            Temperature = 0,
            Metadata = { ["by"] = "test" },
            ReasoningOptions = new ResponseReasoningOptions { ReasoningEffortLevel = ResponseReasoningEffortLevel.Low, ReasoningSummaryVerbosity = ResponseReasoningSummaryVerbosity.Auto },
            Tools = { ResponseTool.CreateFunctionTool("add", BinaryData.FromString("""{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}}}"""), strictModeEnabled: false, "Adds") },
        };
        if (question is not null)
        {
            options.InputItems.Add(ResponseItem.CreateUserMessageItem(question));
        }

        return options;
    }
}
