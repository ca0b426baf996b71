using System.Threading.Channels;
using Hearth.Engine.Scheduling;

namespace Hearth.Server.OpenAi;

/// <summary>The choices of a request, made at the same time.</summary>
internal sealed class ChoiceRun : IDisposable
{
    private readonly IReadOnlyList<Generation> _generations;

    private ChoiceRun(IReadOnlyList<Generation> generations, int choices)
    {
        _generations = generations;
        Totals = new GenerationTotals(choices);
    }

    /// <summary>Tokens and times of the choices that are done.</summary>
    public GenerationTotals Totals { get; }

    /// <summary>Hands requests to the model's scheduler, all or none; what can be refused is refused here.</summary>
    /// <param name="model">The model.</param>
    /// <param name="requests">One for each choice of each prompt.</param>
    /// <param name="choices">Choices of each prompt.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <inheritdoc cref="LanguageModel.Submit" path="/exception"/>
    public static ChoiceRun Start(LanguageModel model, IReadOnlyList<GenerationRequest> requests, int choices, CancellationToken cancellationToken) =>
        new(model.Submit(requests, cancellationToken), choices);

    /// <summary>Reads the events of all choices as they come.</summary>
    /// <param name="take">Takes an event of the choice with this number.</param>
    /// <param name="pauseAsync">Called whenever all events so far have been taken.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task ReadAsync(Action<int, GenerationEvent> take, Func<ValueTask> pauseAsync, CancellationToken cancellationToken)
    {
        List<Reader> open = [.. _generations.Select((generation, index) => new Reader(index, generation.Events))];
        while (open.Count > 0)
        {
            foreach (Reader reader in open)
            {
                while (reader.Events.TryRead(out GenerationEvent? generated))
                {
                    if (generated is GenerationFinished finished)
                    {
                        Totals.Add(finished);
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
        foreach (Generation generation in _generations)
        {
            generation.Dispose();
        }
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
