using Hearth.Store.Storage;
using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Transfer;

/// <summary>A content that is not whole yet. Each byte is written once, so that what has been hashed is what is in the file.</summary>
internal sealed class PartialBlob : IDisposable
{
    /// <summary>Bytes after which the journal is written anew: no more are fetched again after the program is killed.</summary>
    private const long JournalBytes = 4 << 20;

    private readonly Lock _lock = new();
    private readonly SafeFileHandle _file;
    private readonly TransferJournal _journal;
    private readonly StoreFiles _files;
    private readonly long _size;
    private readonly ByteRanges _ranges;
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _unsaved;

    /// <summary>Takes up what there is.</summary>
    /// <param name="file">The file, which is locked and is owned from now on.</param>
    /// <param name="journal">What says which bytes of it are there.</param>
    /// <param name="files">How files are changed.</param>
    /// <param name="size">Bytes of the whole content.</param>
    public PartialBlob(SafeFileHandle file, TransferJournal journal, StoreFiles files, long size)
    {
        _file = file;
        _journal = journal;
        _files = files;
        _size = size;
        long written = RandomAccess.GetLength(file);
        _ranges = journal.Read(size, written);
        if (written > size)
        {
            files.SetLength(file, size);
        }
    }

    /// <summary>Bytes that are there.</summary>
    public long Done
    {
        get
        {
            lock (_lock)
            {
                return _ranges.Total;
            }
        }
    }

    /// <summary>What is missing, in order, in pieces of a greatest length.</summary>
    public List<(long Start, long End)> Missing(long pieceBytes)
    {
        lock (_lock)
        {
            return [.. _ranges.Missing(_size, pieceBytes)];
        }
    }

    /// <summary>The first byte of a range that is missing; its end when none is.</summary>
    public long FirstMissing(long start, long end)
    {
        lock (_lock)
        {
            foreach ((long from, long to) in _ranges.Ranges)
            {
                start = from <= start && start < to ? to : start;
            }

            return Math.Min(start, end);
        }
    }

    /// <summary>Writes what is missing of some bytes.</summary>
    /// <returns>How many were.</returns>
    public long Write(ReadOnlySpan<byte> bytes, long offset)
    {
        lock (_lock)
        {
            long before = _ranges.Total, end = offset + bytes.Length;
            for (long position = FirstMissing(offset, end); position < end; position = FirstMissing(position, end))
            {
                long gap = _ranges.Ranges.Select(range => range.Start).FirstOrDefault(start => start > position, end);
                long until = Math.Min(gap, end);
                _files.Write(_file, bytes[(int)(position - offset)..(int)(until - offset)], position);
                _ranges.Add(position, until);
            }

            long added = _ranges.Total - before;
            _unsaved += added;
            if (_unsaved >= JournalBytes)
            {
                Save();
            }

            _grown.TrySetResult();
            return added;
        }
    }

    /// <summary>Reads bytes that follow a position without a gap; waits for some.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long position, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grown;
            lock (_lock)
            {
                long front = _ranges.Front;
                if (front > position)
                {
                    return RandomAccess.Read(_file, buffer.Span[..(int)Math.Min(buffer.Length, front - position)], position);
                }

                _grown = _grown.Task.IsCompleted ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : _grown;
                grown = _grown.Task;
            }

            await grown.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Forgets what is there.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            _ranges.Clear();
            Save();
        }
    }

    /// <summary>Says in the journal what is there.</summary>
    public void Save()
    {
        lock (_lock)
        {
            _journal.Write(_size, _ranges);
            _unsaved = 0;
        }
    }

    /// <summary>Returns when everything written is on the drive.</summary>
    public void Flush() => _files.Flush(_file);

    public void Dispose() => _file.Dispose();
}
