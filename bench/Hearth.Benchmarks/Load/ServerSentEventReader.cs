using System.Diagnostics;

namespace Hearth.Benchmarks.Load;

/// <summary>Splits a body into the data of its server-sent events. One read of the body may hold many of them, or part of one.</summary>
internal sealed class ServerSentEventReader(Stream body)
{
    private const int MaxEventBytes = 1 << 20;
    private byte[] _buffer = new byte[4096];
    private byte[] _data = new byte[1024];
    private int _start;
    private int _end;
    private int _dataLength;
    private bool _hasData;

    /// <summary>When the last bytes came: a time stamp of <see cref="Stopwatch"/>.</summary>
    public long Timestamp { get; private set; }

    /// <summary>Waits for more bytes.</summary>
    /// <returns>False at the end of the body.</returns>
    /// <exception cref="BrokenEventException">An event does not end.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        int read = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        Timestamp = Stopwatch.GetTimestamp();
        _end += read;
        return read > 0;
    }

    /// <summary>The data of the next event that was read whole, without its line ends; valid until the next call.</summary>
    public bool TryNext(out ReadOnlySpan<byte> data)
    {
        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length < 0)
            {
                data = default;
                return false;
            }

            ReadOnlySpan<byte> line = _buffer.AsSpan(_start, length);
            _start += length + 1;
            if (TakeLine(line is [.., (byte)'\r'] ? line[..^1] : line))
            {
                return TryTake(out data);
            }
        }
    }

    /// <summary>At the end of the body: the event that no empty line ended.</summary>
    public bool TryLast(out ReadOnlySpan<byte> data)
    {
        TakeLine(_buffer.AsSpan(_start, _end - _start));
        _start = _end;
        return TryTake(out data);
    }

    // True where the line is empty and so ends an event that has data.
    private bool TakeLine(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            return _hasData;
        }

        if (line.StartsWith("data:"u8))
        {
            Append(line is [_, _, _, _, _, (byte)' ', ..] ? line[6..] : line[5..]);
        }

        return false;
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        int separator = _hasData ? 1 : 0;
        int needed = _dataLength + separator + text.Length;
        if (needed > MaxEventBytes)
        {
            throw new BrokenEventException($"an event has more than {MaxEventBytes} bytes");
        }

        if (needed > _data.Length)
        {
            Array.Resize(ref _data, Math.Max(needed, 2 * _data.Length));
        }

        if (separator > 0)
        {
            _data[_dataLength] = (byte)'\n';
        }

        text.CopyTo(_data.AsSpan(_dataLength + separator));
        _dataLength = needed;
        _hasData = true;
    }

    private bool TryTake(out ReadOnlySpan<byte> data)
    {
        bool has = _hasData;
        data = _data.AsSpan(0, _dataLength);
        _dataLength = 0;
        _hasData = false;
        return has;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == MaxEventBytes)
        {
            throw new BrokenEventException($"a line has more than {MaxEventBytes} bytes");
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }
    }
}
