using System.Diagnostics;

namespace Hearth.Benchmarks.Load;

/// <summary>Streams that run when a long prompt arrives: how long its first token takes, and how long theirs wait meanwhile.</summary>
/// <param name="client">The server.</param>
/// <param name="source">Makes the running streams' requests.</param>
/// <param name="arrivals">Makes the request that arrives.</param>
internal sealed class ArrivalScenario(LoadClient client, RequestSource source, RequestSource arrivals)
{
    /// <summary>So many events has each stream had when the prompt arrives.</summary>
    private const int SettledTexts = 16;

    public async Task<RunFigures> RunAsync(int run, CancellationToken cancellationToken)
    {
        using CancellationTokenSource hangUp = new();
        int settling = source.Plan.Streams;
        TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Settle()
        {
            if (Interlocked.Decrement(ref settling) == 0)
            {
                settled.TrySetResult();
            }
        }

        async Task<RequestResult> StreamAsync(int index)
        {
            RequestOptions options = new()
            {
                HangUp = hangUp.Token,
                TextReceived = count =>
                {
                    if (count == SettledTexts)
                    {
                        Settle();
                    }
                },
            };
            RequestResult result = await client.SendAsync(source.Create(run, index), options, cancellationToken);
            if (result.Texts.Count < SettledTexts)
            {
                Settle();
            }

            return result;
        }

        Task<RequestResult>[] streams =
        [
            .. Enumerable.Range(0, source.Plan.Streams).Select(index => Task.Run(() => StreamAsync(index), cancellationToken)),
        ];
        await settled.Task.WaitAsync(cancellationToken);
        LoadRequest arriving = arrivals.Create(run, source.Plan.Streams);
        RequestResult arrived = await client.SendAsync(arriving, new RequestOptions(), cancellationToken);
        long stopped = Stopwatch.GetTimestamp();
        await hangUp.CancelAsync();
        return Describe(await Task.WhenAll(streams), arrived, stopped);
    }

    private static RunFigures Describe(RequestResult[] streams, RequestResult arrived, long stopped)
    {
        long begun = streams.Max(stream => stream.Texts.Count == 0 ? stream.Ended : stream.Texts[0]);
        long? firstToken = arrived.Texts.Count == 0 ? null : arrived.Texts[0];
        Percentiles Between(long from, long? to) =>
            new(to is long end ? streams.SelectMany(stream => GapsIn(stream, from, end, stopped)) : []);

        int ended = streams.Count(stream => stream.Ended < (firstToken ?? stopped));
        Figure[] figures =
        [
            new("errors", "errors", streams.Append(arrived).Count(result => result.Failure is not null), IsCompared: false),
            new("ended_before", "streams that ended before its first token", ended, IsCompared: false),
            new("prompt_tokens", "prompt tokens", arrived.PromptTokens, IsCompared: false),
            new("cached_tokens", "of them cached", arrived.CachedTokens, IsCompared: false),
            new("first_token_ms", "its time to first token, ms", arrived.FirstTokenMilliseconds),
            new("request_ms", "its whole request, ms", arrived.IsCompleted ? arrived.TotalMilliseconds : null),
            .. LoadFigures.Spread("before_ms", "streams before it came, ms", Between(begun, arrived.Started)),
            .. LoadFigures.Spread("until_first_ms", "until its first token, ms", Between(arrived.Started, firstToken)),
            .. LoadFigures.Spread("whole_ms", "from all streaming to its end, ms", Between(begun, arrived.Ended)),
        ];
        return new RunFigures(figures, FailureCount.Of(streams.Append(arrived)))
        {
            Note = ended == 0
                ? null
                : $"{ended} of the streams ended before the first token of the prompt that arrived; raise --answer-tokens",
        };
    }

    /// <summary>
    /// Milliseconds between the tokens of a stream, of all pairs of which any part lies in the window. What a stream waited for its next
    /// token when it was stopped counts where that is longer than it waited for any before.
    /// </summary>
    internal static IEnumerable<double> GapsIn(RequestResult stream, long from, long to, long stopped)
    {
        List<long> texts = stream.Texts;
        for (int i = 0; i + 1 < texts.Count; i++)
        {
            if (texts[i] < to && texts[i + 1] > from)
            {
                yield return RequestResult.Milliseconds(texts[i], texts[i + 1]);
            }
        }

        if (stream.HungUp && texts.Count > 0 && texts[^1] < to
            && RequestResult.Milliseconds(texts[^1], stopped) is double unfinished && stream.Gaps.All(gap => gap < unfinished))
        {
            yield return unfinished;
        }
    }
}
