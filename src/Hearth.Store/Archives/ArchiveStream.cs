namespace Hearth.Store.Archives;

/// <summary>
/// An archive that is read from front to back. The reader of tar headers takes what an extended one says to have into memory at once: here
/// it cannot ask for more than such a header may need.
/// </summary>
internal sealed class ArchiveStream(Stream archive) : Stream
{
    private const int MaxRead = 2 * 1024 * 1024;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => archive.Read(buffer, offset, Checked(count));

    public override int Read(Span<byte> buffer) => archive.Read(buffer[..Checked(buffer.Length)]);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => archive.ReadAsync(buffer[..Checked(buffer.Length)], cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static int Checked(int count) => count <= MaxRead ? count : throw new InvalidDataException($"a header of a file has more than {MaxRead} bytes");
}
