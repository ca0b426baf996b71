using System.Text;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;

namespace Hearth.Server.Ollama;

/// <summary>
/// What a model has thought ahead of an answer whose form is given. While it thinks it writes as it likes; where its answer would begin, it begins
/// anew in that form.
/// </summary>
/// <param name="Prompt">The prompt with the thought, for the answer.</param>
/// <param name="Tokens">Tokens that the thought took.</param>
/// <param name="Time">How long it took.</param>
/// <param name="Finished">The end, where the model came to none before; else null.</param>
internal sealed record OllamaThought(ChatPrompt Prompt, int Tokens, TimeSpan Time, ChatFinished? Finished)
{
    /// <summary>Lets a model think.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="options">How the answer is made.</param>
    /// <param name="take">Takes pieces of the thought.</param>
    /// <param name="pauseAsync">Called whenever all pieces so far have been taken.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<OllamaThought> ThinkAsync(
        LanguageModel model, ChatPrompt prompt, ChatRunOptions options, Action<ChatEvent> take, Func<ValueTask> pauseAsync, CancellationToken cancellationToken)
    {
        GenerationRequest request = options.Generation with
        {
            Prompt = prompt.Tokens,
            ShownTokens = prompt.ShownTokens,
            Constraint = null,
            TopLogProbabilities = null,
            ReasoningBudget = prompt.ReasoningBudget,
        };
        using CancellationTokenSource reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using ChoiceRun run = ChoiceRun.Start(model, [request], 1, cancellationToken);
        ChatReply reply = new(prompt, options);
        StringBuilder written = new();
        StringBuilder answer = new();
        ChatFinished? finished = null;
        int tokens = 0;
        long started = TimeProvider.System.GetTimestamp();
        void Take(int choice, GenerationEvent generated)
        {
            if (answer.Length > 0)
            {
                return;
            }

            if (generated is TextDelta delta)
            {
                written.Append(delta.Text);
                tokens += delta.Tokens;
            }

            foreach (ChatEvent happened in reply.Read(generated))
            {
                switch (happened)
                {
                    case ContentDelta content:
                        answer.Append(content.Text);
                        break;
                    case ReasoningDelta when answer.Length == 0:
                        take(happened);
                        break;
                    case ChatFinished end:
                        finished = end;
                        break;
                }
            }
        }

        async ValueTask PauseAsync()
        {
            await pauseAsync();
            if (answer.Length > 0)
            {
                await reading.CancelAsync();
            }
        }

        try
        {
            await run.ReadAsync(Take, PauseAsync, reading.Token);
        }
        catch (OperationCanceledException) when (answer.Length > 0 && !cancellationToken.IsCancellationRequested)
        {
            // The answer has begun.
        }

        string text = written.ToString();
        int begin = answer.Length > 0 ? text.LastIndexOf(answer.ToString(), StringComparison.Ordinal) : -1;
        ChatPrompt thought = prompt.Before(model.Tokenizer.Encode(begin < 0 ? text : text[..begin], addSpecial: false, parseSpecial: true));
        return new OllamaThought(thought, tokens, TimeProvider.System.GetElapsedTime(started), answer.Length == 0 && finished is { Reason: ChatFinishReason.Length } ? finished : null);
    }

    /// <summary>The end of the answer, with what the thought took.</summary>
    public ChatFinished Add(ChatFinished answered, ChatPrompt prompt) => answered with
    {
        Usage = answered.Usage with { PromptTokens = prompt.Tokens.Count, CompletionTokens = answered.Usage.CompletionTokens + Tokens },
        Timings = answered.Timings with { Completion = answered.Timings.Completion + Time },
    };
}
