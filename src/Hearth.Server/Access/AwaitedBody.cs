using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hearth.Server.Access;

/// <summary>
/// The body of a request, of which something has to come while it is waited for. Kestrel's own limit is on the average, which a body that has begun fast
/// never gets below.
/// </summary>
/// <param name="reader">The server's.</param>
/// <param name="limit">How long nothing may come.</param>
/// <param name="time">The clock.</param>
internal sealed class AwaitedBody(PipeReader reader, TimeSpan limit, TimeProvider time) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Watches the body of a request that has one.</summary>
    public static void Watch(HttpContext context, TimeSpan limit, TimeProvider time)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            context.Request.Body = new AwaitedBody(context.Request.BodyReader, limit, time);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ReadResult result = await ReadAsync(cancellationToken);
        if (result.IsCanceled)
        {
            reader.AdvanceTo(result.Buffer.Start);
            throw new BadHttpRequestException($"Nothing of the request body came for {limit.TotalSeconds:0.#} s.", StatusCodes.Status408RequestTimeout);
        }

        int count = (int)Math.Min(result.Buffer.Length, buffer.Length);
        ReadOnlySequence<byte> taken = result.Buffer.Slice(0, count);
        taken.CopyTo(buffer.Span);
        reader.AdvanceTo(taken.End);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        ValueTask<ReadResult> read = reader.ReadAsync(cancellationToken);
        if (read.IsCompleted)
        {
            return await read;
        }

        await using ITimer timer = time.CreateTimer(_ => reader.CancelPendingRead(), null, limit, Timeout.InfiniteTimeSpan);
        return await read;
    }
}
