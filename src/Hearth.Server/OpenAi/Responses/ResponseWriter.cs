using System.Text;
using Hearth.Server.Chat;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi.Responses;

/// <summary>Puts a response together from an answer's events, and writes the events of its stream where there is one.</summary>
/// <param name="begun">The response before anything was answered.</param>
/// <param name="hasLogProbabilities">Whether log-probabilities were asked for.</param>
/// <param name="hasOpaqueReasoning">Whether thoughts come with a form to send back, too.</param>
/// <param name="time">The clock.</param>
internal sealed class ResponseWriter(ResponseBody begun, bool hasLogProbabilities, bool hasOpaqueReasoning, TimeProvider time)
{
    private static readonly TextKind s_message = new(
        ItemPart.OutputText, "response.content_part.added", "response.output_text.delta", "response.output_text.done", "response.content_part.done");

    private static readonly TextKind s_thought = new(
        ItemPart.ReasoningText, "response.content_part.added", "response.reasoning_text.delta", "response.reasoning_text.done", "response.content_part.done");

    private static readonly TextKind s_summary = new(
        ItemPart.SummaryText,
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done");

    private readonly TextKind _thought = begun.Reasoning.Summary is null ? s_thought : s_summary;
    private readonly List<ResponseItem> _output = [];
    private readonly List<ChatTokenLogProbability> _logProbabilities = [];
    private readonly StringBuilder _text = new();
    private ResponseItem? _open;
    private TextKind? _kind;
    private ChatFinished? _finished;
    private int _sequence;

    /// <summary>Where the events go; null for nowhere.</summary>
    public ServerSentEvents? Stream { get; set; }

    /// <summary>Begins a stream.</summary>
    public void Begin()
    {
        Write(new ResponseEvent("response.created") { Response = begun });
        Write(new ResponseEvent("response.in_progress") { Response = begun });
    }

    /// <summary>Takes an event.</summary>
    public void Take(ChatEvent happened)
    {
        switch (happened)
        {
            case ReasoningDelta thought:
                Open(_thought);
                Append(_thought, thought.Text, []);
                break;
            case ContentDelta content:
                Open(s_message);
                Append(s_message, content.Text, hasLogProbabilities ? [.. content.LogProbabilities.Select(ChatWriter.LogProbability)] : []);
                break;
            case ToolCallStarted call:
                Open(new ResponseItem(ResponseItem.Call, ResponseIds.New(ResponseIds.Call)) { CallId = call.Id, Name = call.Name, Arguments = string.Empty });
                break;
            case ToolCallArguments arguments:
                _text.Append(arguments.Json);
                Write(At("response.function_call_arguments.delta") with { Delta = arguments.Json });
                break;
            case ToolCallEnded ended:
                Close(ended.IsComplete ? ResponseStatus.Completed : ResponseStatus.Incomplete);
                break;
            case ChatFinished finished:
                Finish(finished);
                break;
        }
    }

    /// <summary>The response, when the answer has ended.</summary>
    public ResponseBody Whole(GenerationTotals totals)
    {
        bool isCut = _finished!.Reason == ChatFinishReason.Length;
        return begun with
        {
            Status = isCut ? ResponseStatus.Incomplete : ResponseStatus.Completed,
            CompletedAt = isCut ? null : time.GetUtcNow().ToUnixTimeSeconds(),
            IncompleteDetails = isCut ? new IncompleteDetails("max_output_tokens") : null,
            Output = _output,
            Usage = new ResponseUsage(
                totals.PromptTokens, new InputTokensDetails(totals.CachedTokens), totals.CompletionTokens, new OutputTokensDetails(totals.ReasoningTokens)),
            Timings = OpenAiUsage.TimingsOf(totals),
        };
    }

    /// <summary>The response, when the answer has broken off. What was complete by then is part of it.</summary>
    public ResponseBody Broken(ApiException error)
    {
        string code = error.Status switch
        {
            429 => "rate_limit_exceeded",
            < 500 => "invalid_prompt",
            _ => "server_error",
        };
        return begun with { Status = ResponseStatus.Failed, Error = new ResponseFailure(code, error.Message), Output = _output };
    }

    /// <summary>Ends a stream.</summary>
    public void End(ResponseBody response) => Write(new ResponseEvent($"response.{response.Status}") { Response = response });

    /// <summary>Ends a stream that has failed.</summary>
    public void End(ResponseBody response, ApiException error)
    {
        ResponseErrorEvent failed = new(_sequence++, error.Code ?? error.Type, error.Message, error.Parameter);
        Stream?.Write(failed, ResponsesJson.Web.ResponseErrorEvent, failed.Type);
        End(response);
    }

    private void Finish(ChatFinished finished)
    {
        _finished = finished;
        if (_output.Count == 0 && _open is null)
        {
            // An answer of nothing is still an answer.
            Open(s_message);
        }

        Close(finished.Reason == ChatFinishReason.Length ? ResponseStatus.Incomplete : ResponseStatus.Completed);
    }

    private void Open(TextKind kind)
    {
        if (_open is not null && _kind == kind)
        {
            return;
        }

        Open(kind == s_message
            ? new ResponseItem(ResponseItem.Message, ResponseIds.New(ResponseIds.Message)) { Role = ChatMessage.AssistantRole, Content = [] }
            : new ResponseItem(ResponseItem.Reasoning, ResponseIds.New(ResponseIds.Reasoning)) { Summary = [], Content = kind == s_thought ? [] : null });
        _kind = kind;
        Write(At(kind.PartAdded) with { Part = PartOf(kind, string.Empty) });
    }

    private void Open(ResponseItem item)
    {
        Close(ResponseStatus.Completed);
        _kind = null;
        _text.Clear();
        _logProbabilities.Clear();
        _open = item with { Status = ResponseStatus.InProgress };
        Write(new ResponseEvent("response.output_item.added") { OutputIndex = _output.Count, Item = _open });
    }

    private void Append(TextKind kind, string text, IReadOnlyList<ChatTokenLogProbability> logProbabilities)
    {
        _text.Append(text);
        _logProbabilities.AddRange(logProbabilities);
        Write(At(kind.TextDelta) with { Delta = text, Logprobs = kind == s_message ? logProbabilities : null });
    }

    private void Close(string status)
    {
        if (_open is null)
        {
            return;
        }

        string text = _text.ToString();
        ResponseItem item = _open with { Status = status };
        if (_kind is TextKind kind)
        {
            ItemPart part = PartOf(kind, text);
            Write(At(kind.TextDone) with { Text = text, Logprobs = part.Logprobs });
            Write(At(kind.PartDone) with { Part = part });
            item = kind == s_summary ? item with { Summary = [part] } : item with { Content = [part] };
            item = item with { EncryptedContent = hasOpaqueReasoning && kind != s_message ? OpaqueReasoning.Write(text) : null };
        }
        else
        {
            item = item with { Arguments = text };
            Write(At("response.function_call_arguments.done") with { Name = item.Name, Arguments = text });
        }

        Write(new ResponseEvent("response.output_item.done") { OutputIndex = _output.Count, Item = item });
        _output.Add(item);
        _open = null;
    }

    private ItemPart PartOf(TextKind kind, string text) => kind == s_message
        ? new ItemPart(kind.Part) { Text = text, Annotations = [], Logprobs = [.. _logProbabilities] }
        : new ItemPart(kind.Part) { Text = text };

    /// <summary>An event about the open item.</summary>
    private ResponseEvent At(string type) => new(type)
    {
        ItemId = _open!.Id,
        OutputIndex = _output.Count,
        ContentIndex = _kind is null || _kind == s_summary ? null : 0,
        SummaryIndex = _kind == s_summary ? 0 : null,
    };

    private void Write(ResponseEvent happened) => Stream?.Write(happened with { SequenceNumber = _sequence++ }, ResponsesJson.Web.ResponseEvent, happened.Type);

    /// <summary>How a kind of text is called, and its events.</summary>
    private sealed record TextKind(string Part, string PartAdded, string TextDelta, string TextDone, string PartDone);
}
