using System.Diagnostics;
using System.Threading.Channels;
using Hearth.Engine.Scheduling;
using Hearth.Server.Access;
using Hearth.Server.Logging;
using Hearth.Server.Observability;

namespace Hearth.Server.Chat;

/// <summary>The choices of a request, made at the same time: the model's text as it comes, not yet read as an answer.</summary>
internal sealed class ChoiceRun : IDisposable
{
    private readonly IReadOnlyList<ChannelReader<GenerationEvent>> _events;
    private readonly IReadOnlyList<IDisposable> _generations;
    private readonly ChoiceUsage[] _usage;
    private readonly long _submitted = Stopwatch.GetTimestamp();
    private bool _isDisposed;

    /// <summary>Reads generations that run already.</summary>
    /// <param name="events">Their events.</param>
    /// <param name="generations">What ends them.</param>
    /// <param name="choices">Choices of each prompt.</param>
    public ChoiceRun(IReadOnlyList<ChannelReader<GenerationEvent>> events, IReadOnlyList<IDisposable> generations, int choices)
    {
        _events = events;
        _generations = generations;
        _usage = [.. events.Select((_, index) => new ChoiceUsage(countsPrompt: index % choices == 0))];
        Totals = new GenerationTotals(choices);
    }

    /// <summary>Tokens and times of the choices that are done.</summary>
    public GenerationTotals Totals { get; }

    /// <summary>Whether the prompts are counted; not where they were before, for the same request.</summary>
    public bool CountsPrompts { get; set; } = true;

    /// <summary>Hands requests to the model's scheduler, all or none; what can be refused is refused here.</summary>
    /// <param name="model">The model.</param>
    /// <param name="requests">One for each choice of each prompt.</param>
    /// <param name="choices">Choices of each prompt.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <inheritdoc cref="LanguageModel.Submit" path="/exception"/>
    public static ChoiceRun Start(LanguageModel model, IReadOnlyList<GenerationRequest> requests, int choices, CancellationToken cancellationToken)
    {
        IReadOnlyList<GenerationRequest> submitted = BackgroundWork.IsCurrent ? [.. requests.Select(request => request with { IsBackground = true })] : requests;
        RequestMeasurement.Current?.Begin(submitted);
        IReadOnlyList<Generation> generations = model.Submit(submitted, cancellationToken);
        RequestRecord.Current?.Begin(model, submitted[0]);
        return new ChoiceRun([.. generations.Select(generation => generation.Events)], generations, choices);
    }

    /// <summary>The request of one choice: with a seed given, each choice has a seed of its own.</summary>
    public static GenerationRequest ForChoice(GenerationRequest request, int choice) =>
        request with { Sampling = request.Sampling with { Seed = request.Sampling.Seed is uint seed ? unchecked(seed + (uint)choice) : null } };

    /// <summary>Reads the events of all choices as they come.</summary>
    /// <param name="take">Takes an event of the choice with this number.</param>
    /// <param name="pauseAsync">Called whenever all events so far have been taken.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task ReadAsync(Action<int, GenerationEvent> take, Func<ValueTask> pauseAsync, CancellationToken cancellationToken)
    {
        List<Reader> open = [.. _events.Select((events, index) => new Reader(index, events))];
        while (open.Count > 0)
        {
            foreach (Reader reader in open)
            {
                while (reader.Events.TryRead(out GenerationEvent? generated))
                {
                    _usage[reader.Index].Take(generated);
                    RequestRecord.Current?.Take(generated);
                    if (generated is GenerationFinished finished)
                    {
                        Totals.Add(finished);
                        RequestMeasurement.Current?.Add(finished, _submitted);
                    }

                    take(reader.Index, generated);
                }
            }

            await pauseAsync();
            await WaitAsync(open, cancellationToken);
        }
    }

    /// <summary>Ends what is still being made.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        foreach (IDisposable generation in _generations)
        {
            generation.Dispose();
        }

        RequestUsage.Count(CountsPrompts ? _usage.Sum(usage => usage.PromptTokens) : 0, _usage.Sum(usage => usage.CompletionTokens));
        RequestMeasurement.Current?.Add(Totals, CountsPrompts ? Totals.CachedTokens : 0);
    }

    // Ends when one of the readers has something, or removes those that are at their end; the failure of one is that of all.
    private static async ValueTask WaitAsync(List<Reader> open, CancellationToken cancellationToken)
    {
        if (open is [Reader only])
        {
            if (!await only.Events.WaitToReadAsync(cancellationToken))
            {
                open.Clear();
            }

            return;
        }

        foreach (Reader reader in open)
        {
            reader.Ready ??= reader.Events.WaitToReadAsync(cancellationToken).AsTask();
        }

        await Task.WhenAny(open.Select(reader => reader.Ready!));
        for (int i = open.Count - 1; i >= 0; i--)
        {
            if (open[i].Ready is not { IsCompleted: true } ready)
            {
                continue;
            }

            open[i].Ready = null;
            if (!await ready)
            {
                open.RemoveAt(i);
            }
        }
    }

    private sealed class Reader(int index, ChannelReader<GenerationEvent> events)
    {
        public int Index => index;

        public ChannelReader<GenerationEvent> Events => events;

        public Task<bool>? Ready { get; set; }
    }
}

/// <summary>What a choice has used so far, for one that is broken off never says it.</summary>
/// <param name="countsPrompt">Whether the prompt is counted here; each is, once, whatever the number of its choices.</param>
internal sealed class ChoiceUsage(bool countsPrompt)
{
    private long _prompt;

    /// <summary>Tokens of the prompt, where it is counted here.</summary>
    public long PromptTokens => countsPrompt ? _prompt : 0;

    /// <summary>Tokens that were made.</summary>
    public long CompletionTokens { get; private set; }

    public void Take(GenerationEvent generated)
    {
        switch (generated)
        {
            case PromptProgress progress:
                _prompt = Math.Max(_prompt, progress.Processed);
                break;
            case TextDelta delta:
                CompletionTokens += delta.Tokens;
                break;
            case GenerationFinished finished:
                (_prompt, CompletionTokens) = (finished.Usage.PromptTokens, finished.Usage.CompletionTokens);
                break;
        }
    }
}
