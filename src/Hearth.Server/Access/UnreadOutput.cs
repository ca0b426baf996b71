using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Hearth.Server.Access;

/// <summary>
/// The end of a connection that is written to. Whoever writes waits when the client does not read, and the connection ends when that takes too long;
/// Kestrel's own limit is on the average, which an answer that has begun fast never gets below.
/// </summary>
/// <param name="inner">The transport's.</param>
/// <param name="connection">The connection.</param>
/// <param name="limit">How long a client may read nothing.</param>
/// <param name="time">The clock.</param>
internal sealed class UnreadOutput(PipeWriter inner, ConnectionContext connection, TimeSpan limit, TimeProvider time) : PipeWriter
{
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    /// <summary>Ends connections whose clients do not read.</summary>
    public static ConnectionDelegate Watch(ConnectionDelegate next, TimeSpan limit, TimeProvider time) => async connection =>
    {
        IDuplexPipe transport = connection.Transport;
        connection.Transport = new Transport(transport.Input, new UnreadOutput(transport.Output, connection, limit, time));
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    };

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Timed(inner.FlushAsync(cancellationToken));

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) => Timed(inner.WriteAsync(source, cancellationToken));

    private ValueTask<FlushResult> Timed(ValueTask<FlushResult> flush) => flush.IsCompleted ? flush : WaitAsync(flush);

    private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flush)
    {
        await using ITimer timer = time.CreateTimer(_ => connection.Abort(new ConnectionAbortedException("The client does not read.")), null, limit, Timeout.InfiniteTimeSpan);
        return await flush;
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
