#pragma warning disable OPENAI001 // All of the SDK's Responses API is marked as experimental.
using System.ClientModel;
using System.Text;
using Hearth.Tests;
using OpenAI.Responses;

namespace Hearth.EndToEnd.Tests;

/// <summary>The Responses API through the official OpenAI .NET SDK, with a model that always makes the same call.</summary>
public sealed class ResponseSdkTests : IAsyncLifetime
{
    private const string Model = "caller";
    private const string Reply = "<think>\nA sum.\n</think>\n\nI add.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1.5, \"b\": 2}}\n</tool_call>";
    private const string Arguments = """{"a": 1.5, "b": 2}""";
    private const string Template =
        "{% for tool in tools %}{{ tool | tojson }}{% endfor %}{% for message in messages %}[{{ message.role }}]{{ message.content }}"
        + "{% for call in message.tool_calls %}<tool_call>{{ call.function.name }}{{ call.function.arguments | tojson }}</tool_call>{% endfor %}{% endfor %}";

    private readonly TemporaryFiles _files = new();
    private ServerProcess? _server;
    private ResponsesClient? _client;

    public async ValueTask InitializeAsync()
    {
        string path = ScriptedModel.Write(_files.Combine(Model + ".gguf"), Reply, Template, "<|begin_of_reply|>", "<think>", "</think>", "<tool_call>", "</tool_call>");
        _server = await ServerProcess.StartAsync(path);
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
        Assert.Equal(("add", Arguments), (call.FunctionName, call.FunctionArguments.ToString()));

        CreateResponseOptions options = Options(null);
        options.PreviousResponseId = first.Id;
        options.InputItems.Add(ResponseItem.CreateFunctionCallOutputItem(call.CallId, "3.5"));
        ResponseResult second = await _client.CreateResponseAsync(options, TestContext.Current.CancellationToken);

        Assert.Equal(first.Id, second.PreviousResponseId);
        Assert.True(second.Usage.InputTokenCount > first.Usage.InputTokenCount);
        List<ResponseItem> input = await _client.GetResponseInputItemsAsync(
            new ResponseItemCollectionOptions(second.Id) { Order = ResponseItemCollectionOrder.Ascending, PageSizeLimit = 2 }, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            [typeof(MessageResponseItem), typeof(ReasoningResponseItem), typeof(MessageResponseItem), typeof(FunctionCallResponseItem), typeof(FunctionCallOutputResponseItem)],
            input.Select(item => item.GetType()));
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

        Assert.True(second.Usage.InputTokenCount > first.Usage.InputTokenCount);
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

        Assert.Equal(("I add.", Arguments, "A sum."), (text.ToString(), arguments.ToString(), thought.ToString()));
        Assert.Equal(3, whole!.OutputItems.Count);
        ResponseResult kept = await _client.GetResponseAsync(whole.Id, TestContext.Current.CancellationToken);
        Assert.Equal(whole.GetOutputText(), kept.GetOutputText());
        ResponseDeletionResult deleted = await _client.DeleteResponseAsync(whole.Id, TestContext.Current.CancellationToken);
        Assert.True(deleted.Deleted);
    }

    [Fact]
    public async Task Schema_IsFollowed()
    {
        CreateResponseOptions options = new(Model, [ResponseItem.CreateUserMessageItem("1.5 + 2?")])
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
            Model = Model,
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
