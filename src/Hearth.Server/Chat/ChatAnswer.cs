using System.Text;
using Hearth.Engine.Scheduling;

namespace Hearth.Server.Chat;

/// <summary>An answer put together from its events.</summary>
public sealed class ChatAnswer
{
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _reasoning = new();
    private readonly StringBuilder _arguments = new();
    private readonly List<ChatToolCall> _calls = [];
    private readonly List<TokenProbability> _logProbabilities = [];

    /// <summary>The text.</summary>
    public string Content => _content.ToString();

    /// <summary>What the model thought before; empty for nothing.</summary>
    public string Reasoning => _reasoning.ToString();

    /// <summary>The tools that the model calls.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls => _calls;

    /// <summary>The text's tokens' log-probabilities, where asked for.</summary>
    public IReadOnlyList<TokenProbability> LogProbabilities => _logProbabilities;

    /// <summary>The end; null until there is one.</summary>
    public ChatFinished? Finished { get; private set; }

    /// <summary>Adds an event.</summary>
    public void Add(ChatEvent happened)
    {
        switch (happened)
        {
            case ReasoningDelta reasoning:
                _reasoning.Append(reasoning.Text);
                break;
            case ContentDelta content:
                _content.Append(content.Text);
                _logProbabilities.AddRange(content.LogProbabilities);
                break;
            case ToolCallStarted call:
                _arguments.Clear();
                _calls.Add(new ChatToolCall(call.Id, call.Name, string.Empty));
                break;
            case ToolCallArguments arguments:
                _arguments.Append(arguments.Json);
                break;
            case ToolCallEnded:
                _calls[^1] = _calls[^1] with { Arguments = _arguments.ToString() };
                break;
            case ChatFinished finished:
                Finished = finished;
                break;
        }
    }
}
