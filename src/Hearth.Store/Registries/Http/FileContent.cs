using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Registries.Http;

/// <summary>A part of a file as the body of a request.</summary>
internal sealed class FileContent : HttpContent
{
    private const int BufferBytes = 256 * 1024;
    private readonly SafeFileHandle _file;
    private readonly long _start;
    private readonly long _length;
    private readonly Action<long>? _sent;

    /// <summary>A part of a file.</summary>
    /// <param name="file">The file, which stays open.</param>
    /// <param name="start">The part's first byte.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="sent">Is told how many of them are sent.</param>
    public FileContent(SafeFileHandle file, long start, long length, Action<long>? sent)
    {
        _file = file;
        _start = start;
        _length = length;
        _sent = sent;
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    }

    /// <summary>Is called whenever some bytes are sent.</summary>
    public Action? Advanced { get; set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (long done = 0; done < _length;)
            {
                int read = RandomAccess.Read(_file, buffer.AsSpan(0, (int)Math.Min(BufferBytes, _length - done)), _start + done);
                if (read == 0)
                {
                    throw new EndOfStreamException("A file of the store has become shorter while it was sent.");
                }

                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                done += read;
                Advanced?.Invoke();
                _sent?.Invoke(done);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }
}
