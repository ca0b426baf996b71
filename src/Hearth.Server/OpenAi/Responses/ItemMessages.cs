using System.Text.Json;
using Hearth.Server.Chat;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi.Responses;

/// <summary>Turns items into the messages of a conversation: what the model thought, said and called at a time is one message.</summary>
internal static class ItemMessages
{
    /// <summary>The messages.</summary>
    /// <param name="instructions">What comes before them; null for nothing.</param>
    /// <param name="items">The items, oldest first.</param>
    /// <exception cref="ApiException">A result belongs to no call before it.</exception>
    public static List<ChatMessage> Of(string? instructions, IEnumerable<ResponseItem> items)
    {
        List<ChatMessage> messages = instructions is { Length: > 0 } ? [new ChatMessage(ChatMessage.SystemRole, instructions)] : [];
        HashSet<string> called = [];
        Turn turn = new();
        foreach (ResponseItem item in items)
        {
            if (turn.Takes(item))
            {
                turn.Add(item);
            }
            else
            {
                turn.AddTo(messages);
                turn = new Turn();
                if (item.Type == ResponseItem.Result)
                {
                    messages.Add(called.Contains(item.CallId!)
                        ? new ChatMessage(ChatMessage.ToolRole, ResultOf(item)) { ToolCallId = item.CallId }
                        : throw ApiException.Invalid($"No tool call found for function call output with call_id {item.CallId}.", "input", "invalid_value"));
                }
                else if (IsAnswer(item))
                {
                    turn.Add(item);
                }
                else
                {
                    messages.Add(new ChatMessage(item.Role == ChatMessage.UserRole ? ChatMessage.UserRole : ChatMessage.SystemRole, TextOf(item.Content)));
                }
            }

            if (item.Type == ResponseItem.Call)
            {
                called.Add(item.CallId!);
            }
        }

        turn.AddTo(messages);
        return messages;
    }

    private static bool IsAnswer(ResponseItem item) =>
        item.Type is ResponseItem.Reasoning or ResponseItem.Call || (item.Type == ResponseItem.Message && item.Role == ChatMessage.AssistantRole);

    private static string ResultOf(ResponseItem item) => item.Output!.Value is { ValueKind: JsonValueKind.Array } parts
        ? string.Concat(parts.EnumerateArray().Select(part => part.GetProperty("text").GetString()))
        : item.Output.Value.GetString()!;

    private static string TextOf(IReadOnlyList<ItemPart>? parts) => string.Concat((parts ?? []).Select(part => part.Text ?? part.Refusal));

    /// <summary>What the model does until somebody else says something.</summary>
    private sealed class Turn
    {
        private readonly List<string> _texts = [];
        private readonly List<ChatToolCall> _calls = [];
        private string _reasoning = string.Empty;

        /// <summary>Whether an item goes on with what was begun. A second text does so only beside calls, whose results are still to come.</summary>
        public bool Takes(ResponseItem item) => IsAnswer(item) && (item.Type == ResponseItem.Call || _calls.Count > 0 || _texts.Count == 0);

        public void Add(ResponseItem item)
        {
            switch (item.Type)
            {
                case ResponseItem.Reasoning:
                    string content = TextOf(item.Content);
                    _reasoning += content.Length > 0 ? content : TextOf(item.Summary);
                    break;
                case ResponseItem.Call:
                    _calls.Add(new ChatToolCall(item.CallId, item.Name!, item.Arguments!));
                    break;
                default:
                    _texts.Add(TextOf(item.Content));
                    break;
            }
        }

        public void AddTo(List<ChatMessage> messages)
        {
            if (_texts.Count > 0 || _calls.Count > 0 || _reasoning.Length > 0)
            {
                messages.Add(new ChatMessage(ChatMessage.AssistantRole, string.Concat(_texts))
                {
                    Reasoning = _reasoning.Length > 0 ? _reasoning : null,
                    ToolCalls = _calls,
                });
            }
        }
    }
}
