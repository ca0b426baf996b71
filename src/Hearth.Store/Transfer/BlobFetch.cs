using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Hearth.Store.Registries;
using Hearth.Store.Registries.Http;
using Polly;

namespace Hearth.Store.Transfer;

/// <summary>Where a content is.</summary>
/// <param name="Http">The requests to the registry.</param>
/// <param name="Address">The address.</param>
/// <param name="Authorization">The credentials; null for none.</param>
internal sealed record BlobSource(RegistryHttp Http, Uri Address, RequestAuthorization? Authorization);

/// <summary>
/// Fetches what is missing of one content: a large one in ranges over several connections, in order; from a server that gives no ranges, as one
/// stream from the start.
/// </summary>
internal sealed class BlobFetch
{
    private const int BufferBytes = 256 * 1024;
    private readonly BlobSource _source;
    private readonly PartialBlob _partial;
    private readonly long _size;
    private readonly Action<BlobProgress> _report;
    private readonly ResiliencePipeline _retry;
    private volatile bool _isWhole;
    private long _received;

    /// <summary>A fetch.</summary>
    /// <param name="source">Where the content is.</param>
    /// <param name="partial">What there is of it.</param>
    /// <param name="size">Bytes of the whole content.</param>
    /// <param name="report">Is told of bytes and retries.</param>
    public BlobFetch(BlobSource source, PartialBlob partial, long size, Action<BlobProgress> report)
    {
        _source = source;
        _partial = partial;
        _size = size;
        _report = report;
        _retry = RetryPipeline.Create(source.Http.Options, source.Http.Time, message => report(new BlobProgress(TransferStage.Retrying, _partial.Done, message)));
    }

    /// <summary>Bytes that came over the network.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Fetches what is missing.</summary>
    /// <exception cref="RegistryException">The registry cannot be used.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Queue<(long Start, long End)> pieces = new(_partial.Missing(_source.Http.Options.PieceBytes));
        if (!pieces.TryDequeue(out (long Start, long End) first))
        {
            return;
        }

        // The first answer shows whether there are ranges; only then it makes sense to ask for several at once.
        TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> workers = [WorkAsync(first)];
        await Task.WhenAny(answered.Task, workers[0]);
        int others = _isWhole || workers[0].IsFaulted ? 0 : Math.Min(_source.Http.Options.ConnectionsPerLayer - 1, pieces.Count);
        for (int i = 0; i < others; i++)
        {
            workers.Add(WorkAsync(null));
        }

        await Task.WhenAll(workers);

        async Task WorkAsync((long Start, long End)? piece)
        {
            try
            {
                for (piece ??= Take(); piece is (long start, long end); piece = Take())
                {
                    await FetchAsync(start, end, answered, stop.Token);
                }
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }

        (long Start, long End)? Take()
        {
            lock (pieces)
            {
                return pieces.TryDequeue(out (long, long) next) ? next : null;
            }
        }
    }

    // Retries are counted anew whenever there was progress.
    private async Task FetchAsync(long start, long end, TaskCompletionSource answered, CancellationToken cancellationToken)
    {
        while (_partial.FirstMissing(start, end) < end)
        {
            RegistryException? failure = await _retry.ExecuteAsync(
                async token =>
                {
                    long before = _partial.FirstMissing(start, end);
                    try
                    {
                        await ReceiveAsync(start, end, answered, token);
                        return null;
                    }
                    catch (RegistryException exception) when (exception.IsTransient && _partial.FirstMissing(start, end) > before)
                    {
                        return exception;
                    }
                },
                cancellationToken);
            if (failure is not null)
            {
                _report(new BlobProgress(TransferStage.Retrying, _partial.Done, $"{failure.Message} Going on from there."));
                await Task.Delay(_source.Http.Options.RetryDelay, _source.Http.Time, cancellationToken);
            }
        }
    }

    private async Task ReceiveAsync(long start, long end, TaskCompletionSource answered, CancellationToken cancellationToken)
    {
        long position = _partial.FirstMissing(start, end);
        bool isRange = !_isWhole && !(position == 0 && end == _size);
        RegistryRequest request = new(HttpMethod.Get, _source.Address)
        {
            Authorization = _source.Authorization,
            Range = isRange ? new RangeHeaderValue(position, end - 1) : null,
            Expected = isRange ? [HttpStatusCode.RequestedRangeNotSatisfiable] : [],
        };
        using HttpResponseMessage response = await _source.Http.SendOnceAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            _isWhole = true;
            throw Broken(response, "refuses ranges");
        }

        long until = _size;
        if (isRange && response.StatusCode == HttpStatusCode.PartialContent)
        {
            until = CheckRange(response, position, end);
        }
        else if (response.StatusCode == HttpStatusCode.OK)
        {
            _isWhole |= isRange;
            position = 0;
        }
        else
        {
            throw Broken(response, $"answers {(int)response.StatusCode} instead of the content");
        }

        if (response.Content.Headers.ContentLength is long length && length != until - position)
        {
            throw Broken(response, $"sends {length} bytes; expected {until - position}");
        }

        answered.TrySetResult();
        await CopyAsync(response, position, until, cancellationToken);
    }

    private async Task CopyAsync(HttpResponseMessage response, long position, long until, CancellationToken cancellationToken)
    {
        using ResponseBody body = await ResponseBody.OpenAsync(response, _source.Http.Options.StallTimeout, cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                int read = await body.ReadAsync(buffer, cancellationToken);
                if (read == 0)
                {
                    break;
                }

                Interlocked.Add(ref _received, read);
                if (position + read > until)
                {
                    throw Broken(response, $"sends more than the {_size} bytes that the content should have");
                }

                _partial.Write(buffer.AsSpan(0, read), position);
                position += read;
                _report(new BlobProgress(TransferStage.Transferring, _partial.Done));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (position < until)
        {
            throw Broken(response, $"ends {until - position} bytes early");
        }
    }

    private long CheckRange(HttpResponseMessage response, long position, long end)
    {
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        return range is { Unit: "bytes", From: long from, To: long to } && from == position && to >= from && to < end && (range.Length ?? _size) == _size
            ? to + 1
            : throw Broken(response, $"sends the range '{range}'; expected bytes {position}-{end - 1} of {_size}");
    }

    private static RegistryException Broken(HttpResponseMessage response, string what) =>
        new(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(response.RequestMessage!.RequestUri!)} {what}.") { IsTransient = true };
}
