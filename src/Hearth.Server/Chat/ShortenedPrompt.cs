using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;

namespace Hearth.Server.Chat;

/// <summary>Prompts of conversations that may be too long: the oldest turns go until the rest fits; instructions and the last message stay.</summary>
internal static class ShortenedPrompt
{
    private const int AnswerShare = 4;

    /// <summary>The tokens that a shortened prompt may have, so that an answer fits beside it: of the given tokens, or a quarter of the context.</summary>
    public static int RoomBesideAnswer(LanguageModel model, int? maxTokens) =>
        model.ContextLength - Math.Clamp(maxTokens ?? (model.ContextLength / AnswerShare), 1, Math.Max(1, model.ContextLength / 2));

    /// <summary>The prompt of a conversation, or of its end where all of it does not fit the context. It is too long still if the last message is.</summary>
    /// <param name="lease">The model.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="room">The tokens that a shortened prompt may have.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    /// <inheritdoc cref="ChatService.Encode(LanguageModel, Conversation, CancellationToken)" path="/exception"/>
    public static ChatPrompt Encode(ModelLease<LanguageModel> lease, Conversation conversation, int room, CancellationToken cancellationToken)
    {
        ChatPrompt prompt = ChatService.Encode(lease, conversation, cancellationToken);
        return prompt.Tokens.Count < lease.Model.ContextLength ? prompt : Shorten(lease, conversation, room, cancellationToken);
    }

    // Fewer messages are never longer, so half of the places that are left can be ruled out at a time.
    private static ChatPrompt Shorten(ModelLease<LanguageModel> lease, Conversation conversation, int room, CancellationToken cancellationToken)
    {
        ChatMessage[] messages = [.. conversation.Messages];
        ChatPrompt Encode(int first) => ChatService.Encode(
            lease, conversation with { Messages = [.. messages.Take(first).Where(message => message.Role == ChatMessage.SystemRole), .. messages.Skip(first)] }, cancellationToken);
        int[] turns = [.. Enumerable.Range(1, messages.Length - 1).Where(index => index == messages.Length - 1 || messages[index].Role == ChatMessage.UserRole)];
        int low = 0;
        int high = turns.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Encode(turns[middle]).Tokens.Count <= room ? (low, middle) : (middle + 1, high);
        }

        return Encode(turns.Length == 0 ? 0 : turns[high]);
    }
}
