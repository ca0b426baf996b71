using System.Text;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;

namespace Hearth.Cli.Chat;

/// <summary>A conversation with a model: its settings and what has been said.</summary>
internal sealed class ChatSession(LanguageModel model, ChatSettings settings)
{
    private readonly List<ChatMessage> _history = [];

    public LanguageModel Model => model;

    public ChatSettings Settings { get; set; } = settings;

    /// <summary>Forgets what has been said.</summary>
    public void Clear() => _history.Clear();

    /// <summary>
    /// Answers the next message, writing the text as it is made. What was said is remembered, a broken-off answer as far as it came;
    /// a message that could not be answered at all is forgotten.
    /// </summary>
    /// <param name="text">The user's message.</param>
    /// <param name="write">Receives each piece of the answer.</param>
    /// <param name="progress">Receives how much of the prompt has been read.</param>
    /// <param name="cancellationToken">Breaks the answer off.</param>
    /// <returns>How the answer ended.</returns>
    public async Task<GenerationFinished> AskAsync(string text, Action<string> write, Action<PromptProgress> progress, CancellationToken cancellationToken)
    {
        (IReadOnlyList<int> prompt, ReasoningBudget? budget) = Encode(text, cancellationToken);
        GenerationRequest request = new()
        {
            Prompt = prompt,
            ReasoningBudget = budget,
            MaxTokens = Settings.MaxTokens,
            Sampling = Settings.Sampling,
            Stop = Settings.Stop,
        };
        StringBuilder answer = new();
        GenerationFinished? finished = null;
        try
        {
            await foreach (GenerationEvent generated in model.GenerateAsync(request, cancellationToken))
            {
                switch (generated)
                {
                    case PromptProgress read:
                        progress(read);
                        break;
                    case TextDelta delta:
                        answer.Append(delta.Text);
                        write(delta.Text);
                        break;
                    case GenerationFinished end:
                        finished = end;
                        break;
                }
            }
        }
        finally
        {
            if (!Settings.Raw && (finished is not null || answer.Length > 0))
            {
                _history.Add(new ChatMessage(ChatMessage.UserRole, text));
                _history.Add(new ChatMessage(ChatMessage.AssistantRole, answer.ToString()));
            }
        }

        return finished ?? throw new InvalidOperationException("The model's events ended without an end.");
    }

    private (IReadOnlyList<int> Tokens, ReasoningBudget? Budget) Encode(string text, CancellationToken cancellationToken)
    {
        if (Settings.Raw)
        {
            return (model.Tokenizer.Encode(text, addSpecial: true, parseSpecial: true), null);
        }

        List<ChatMessage> messages = [.. _history, new ChatMessage(ChatMessage.UserRole, text)];
        if (Settings.SystemPrompt is string system)
        {
            messages.Insert(0, new ChatMessage(ChatMessage.SystemRole, system));
        }

        Conversation conversation = new(Settings.Package.Begin(messages)) { ReasoningBudget = Settings.ReasoningBudget };
        ChatPrompt prompt = ChatService.Encode(model, conversation, cancellationToken);
        return (prompt.Tokens, prompt.ReasoningBudget);
    }
}
