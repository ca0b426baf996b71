using System.Text;
using Hearth.Server.Chat;

namespace Hearth.Server.Ui.Chat;

/// <summary>Puts an answer together in its message.</summary>
/// <param name="node">The message.</param>
internal sealed class AnswerWriter(ChatNode node)
{
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _arguments = new();
    private readonly List<ChatToolCall> _calls = [];
    private readonly List<TokenChoice> _tokens = [];
    private bool _isCalling;

    /// <summary>Adds events.</summary>
    public void Add(IReadOnlyList<ChatEvent> events)
    {
        StringBuilder text = new();
        foreach (ChatEvent happened in events)
        {
            switch (happened)
            {
                case ReasoningDelta reasoning:
                    node.Live!.AddReasoning(reasoning.Text);
                    break;
                case ContentDelta content:
                    text.Append(content.Text);
                    _tokens.AddRange(content.LogProbabilities.Select(TokenChoice.Of));
                    break;
                case ToolCallStarted call:
                    _isCalling = true;
                    _arguments.Clear();
                    _calls.Add(new ChatToolCall(call.Id, call.Name, string.Empty));
                    break;
                case ToolCallArguments arguments:
                    _arguments.Append(arguments.Json);
                    break;
                case ToolCallEnded:
                    EndCall();
                    break;
            }
        }

        _content.Append(text);
        node.Live!.Content.Append(text.ToString());
        if (_calls.Count > 0)
        {
            node.ToolCalls = [.. _isCalling ? [.. _calls.SkipLast(1), _calls[^1] with { Arguments = _arguments.ToString() }] : _calls];
        }
    }

    /// <summary>Writes what is there into the message, which has ended.</summary>
    public void End()
    {
        EndCall();
        Write();
    }

    /// <summary>Writes what is there into the message.</summary>
    public void Write()
    {
        node.Content = _content.ToString();
        node.Reasoning = node.Live!.Reasoning is { Length: > 0 } reasoning ? reasoning : null;
        node.ToolCalls = _calls.Count > 0 ? [.. _calls] : null;
        node.Tokens = _tokens.Count > 0 ? [.. _tokens] : null;
    }

    private void EndCall()
    {
        if (_isCalling)
        {
            _calls[^1] = _calls[^1] with { Arguments = _arguments.ToString() };
            _isCalling = false;
        }
    }
}
