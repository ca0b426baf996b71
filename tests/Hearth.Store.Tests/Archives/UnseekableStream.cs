namespace Hearth.Store.Tests.Archives;

/// <summary>An archive as it comes from a network: read once, in pieces of odd lengths.</summary>
internal sealed class UnseekableStream(byte[] content) : Stream
{
    private const int Piece = 777;
    private int _position;

    public Action<int>? BeforeRead { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        BeforeRead?.Invoke(_position);
        int read = Math.Min(Math.Min(count, Piece), content.Length - _position);
        Array.Copy(content, _position, buffer, offset, read);
        _position += read;
        return read;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
