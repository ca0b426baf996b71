using Hearth.Engine.Grammar;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;

namespace Hearth.Server.Chat;

/// <summary>The answers to a conversation, made at the same time: one, or several choices. Disposing ends what is still being made.</summary>
public sealed class ChatRun : IDisposable
{
    private readonly ChoiceRun _run;
    private readonly ChatReply[] _replies;

    private ChatRun(ChoiceRun run, IEnumerable<ChatReply> replies)
    {
        _run = run;
        _replies = [.. replies];
    }

    /// <summary>How many answers there are.</summary>
    public int Choices => _replies.Length;

    /// <summary>Tokens and times of the choices that are done.</summary>
    public GenerationTotals Totals => _run.Totals;

    /// <summary>Hands the conversation to the model's scheduler, all choices or none; what can be refused is refused here.</summary>
    /// <param name="model">The model; keep its lease until the run is over.</param>
    /// <param name="prompt">The conversation, from <see cref="ChatService"/>.</param>
    /// <param name="options">How the answers are made.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ToolSchemaException">The schema of a strict tool asks for what is not supported.</exception>
    /// <exception cref="ApiException">The tools cannot be put into a grammar.</exception>
    /// <inheritdoc cref="LanguageModel.Submit" path="/exception"/>
    public static ChatRun Start(LanguageModel model, ChatPrompt prompt, ChatRunOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(options);
        GenerationConstraint? calls = prompt.ConstraintFor(options.Generation.Constraint);
        GenerationRequest request = options.Generation with
        {
            Prompt = prompt.Tokens,
            ShownTokens = prompt.ShownTokens,
            Constraint = calls ?? options.Generation.Constraint,
            Preamble = calls is null ? prompt.Format.PreambleFor(prompt.Reply) : null,
            ReasoningBudget = prompt.ReasoningBudget,
        };
        GenerationRequest[] requests = [.. Enumerable.Range(0, options.Choices).Select(choice => ChoiceRun.ForChoice(request, choice))];
        ChoiceRun run = ChoiceRun.Start(model, requests, options.Choices, cancellationToken);
        run.CountsPrompts = !options.IsContinuation;
        return Read(run, prompt.Showing(request.PreservedTokens.Select(model.Tokenizer.FindToken)), options);
    }

    /// <summary>Reads the events of choices that run already.</summary>
    internal static ChatRun Read(ChoiceRun run, ChatPrompt prompt, ChatRunOptions options) =>
        new(run, Enumerable.Range(0, options.Choices).Select(_ => new ChatReply(prompt, options)));

    /// <summary>Reads the events of all choices as they come.</summary>
    /// <param name="take">Takes an event of the choice with this number, from 0.</param>
    /// <param name="pauseAsync">Called whenever all events so far have been taken: the time to send what was written.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The end of the last choice. What ends a choice with an exception ends this with it, such as
    /// <see cref="TimeLimitException"/> and <see cref="StepFailedException"/>.</returns>
    public Task ReadAsync(Action<int, ChatEvent> take, Func<ValueTask> pauseAsync, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(take);
        void Take(int index, GenerationEvent generated)
        {
            foreach (ChatEvent happened in _replies[index].Read(generated))
            {
                if (happened is ChatFinished finished)
                {
                    Totals.ReasoningTokens += finished.ReasoningTokens;
                }

                take(index, happened);
            }
        }

        return _run.ReadAsync(Take, pauseAsync, cancellationToken);
    }

    /// <summary>Runs all choices to their ends.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<IReadOnlyList<ChatAnswer>> CollectAsync(CancellationToken cancellationToken = default)
    {
        ChatAnswer[] answers = [.. _replies.Select(_ => new ChatAnswer())];
        await ReadAsync((index, happened) => answers[index].Add(happened), () => ValueTask.CompletedTask, cancellationToken);
        return answers;
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();
}

/// <summary>How the answers to a conversation are made.</summary>
public sealed record ChatRunOptions
{
    /// <summary>Sampling, limits, stop strings and log-probabilities. Its prompt is that of the conversation; with a seed given, each
    /// choice has a seed of its own.</summary>
    public required GenerationRequest Generation { get; init; }

    /// <summary>Whether the prompt was read before for the same request, with what was made then behind it, so that it is not counted again.</summary>
    internal bool IsContinuation { get; init; }

    /// <summary>Answers wanted.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>
    /// Gives a call's arguments while they are written: for streams. Otherwise a call is given when it is whole, and what turns out to be
    /// malformed is text.
    /// </summary>
    public bool EarlyArguments { get; init; }
}
