using System.Security.Cryptography;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Scheduling;

namespace Hearth.Server.Chat;

/// <summary>Turns the events of one generation into those of an answer.</summary>
internal sealed class ChatReply(ChatPrompt prompt, ChatRunOptions options)
{
    private const string IdCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private readonly ReplyParser _parser = prompt.Format.CreateParser(prompt.Reply with { EarlyArguments = options.EarlyArguments });
    private readonly TokenOffsets _tokens = new(token => options.Generation.ShowSpecialTokens || prompt.IsShown(token));
    private int _reasoningTokens;
    private int _calls;
    private bool _isSkipping;

    public IEnumerable<ChatEvent> Read(GenerationEvent generated)
    {
        switch (generated)
        {
            case PromptProgress progress:
                return [new PromptRead(progress.Processed, progress.Total)];
            case TextDelta delta:
                bool wasReasoning = _parser.IsReasoning;
                _tokens.Add(delta.LogProbabilities);
                IReadOnlyList<ReplyEvent> events = _parser.Append(delta.Text);
                _reasoningTokens += wasReasoning || _parser.IsReasoning ? delta.Tokens : 0;
                return Map(events);
            case GenerationFinished finished:
                return [.. Map(_parser.Finish()), End(finished)];
            default:
                return [];
        }
    }

    private ChatFinished End(GenerationFinished finished)
    {
        ChatFinishReason reason = finished.Reason == FinishReason.Length ? ChatFinishReason.Length : _calls > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
        return new ChatFinished(reason, finished.StopText, finished.Usage, _reasoningTokens, finished.Timings);
    }

    private List<ChatEvent> Map(IReadOnlyList<ReplyEvent> events)
    {
        List<ChatEvent> mapped = new(events.Count);
        foreach (ReplyEvent part in events)
        {
            switch (part)
            {
                case ReplyContent content:
                    mapped.Add(new ContentDelta(content.Text, _tokens.Take(content.Offset, content.Offset + content.Text.Length)));
                    break;
                case ReplyReasoning reasoning:
                    mapped.Add(new ReasoningDelta(reasoning.Text));
                    break;
                case ReplyCallStarted call:
                    // One call was asked for: the others are dropped.
                    _isSkipping = call.Index > 0 && prompt.Rules.IsSingle;
                    if (!_isSkipping)
                    {
                        mapped.Add(new ToolCallStarted(call.Index, call.Id ?? NewId(), call.Name));
                    }

                    break;
                case ReplyCallArguments arguments when !_isSkipping:
                    mapped.Add(new ToolCallArguments(arguments.Index, arguments.Json));
                    break;
                case ReplyCallEnded ended when !_isSkipping:
                    _calls += ended.IsComplete ? 1 : 0;
                    mapped.Add(new ToolCallEnded(ended.Index, ended.IsComplete));
                    break;
            }
        }

        return mapped;
    }

    private static string NewId() => "call_" + RandomNumberGenerator.GetString(IdCharacters, 24);
}
