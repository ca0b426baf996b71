using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Hearth.Server.Batches;

/// <summary>A line of a file.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Bytes">What it has; null where that is too much.</param>
/// <param name="End">Where it ends in the file, its newline included.</param>
/// <param name="IsWhole">Whether it has a newline.</param>
internal readonly record struct JsonLine(int Number, byte[]? Bytes, long End, bool IsWhole)
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>The line without white space around it, and without the mark that some programs begin files with.</summary>
    public ReadOnlyMemory<byte> Content
    {
        get
        {
            ReadOnlyMemory<byte> bytes = Bytes;
            bytes = Number == 1 && bytes.Span.StartsWith(Mark) ? bytes[Mark.Length..] : bytes;
            return bytes.Trim(" \t\r"u8);
        }
    }
}

/// <summary>Reads files of lines, each of bounded length.</summary>
internal static class JsonLines
{
    private const int BufferSize = 64 << 10;

    /// <summary>Reads the lines. Of one that is too long, only that it is there.</summary>
    /// <param name="stream">The file, at its beginning.</param>
    /// <param name="maxBytes">Bytes of a line.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<JsonLine> ReadAsync(Stream stream, int maxBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferSize, leaveOpen: true));
        int number = 0;
        long end = 0;
        long searched = 0;
        bool isTooLong = false;
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            while (buffer.Slice(searched).PositionOf((byte)'\n') is SequencePosition newline)
            {
                ReadOnlySequence<byte> line = buffer.Slice(0, newline);
                end += line.Length + 1;
                number++;
                yield return new JsonLine(number, isTooLong || line.Length > maxBytes ? null : line.ToArray(), end, IsWhole: true);
                isTooLong = false;
                searched = 0;
                buffer = buffer.Slice(buffer.GetPosition(1, newline));
            }

            if (buffer.Length > maxBytes)
            {
                isTooLong = true;
                end += buffer.Length;
                buffer = buffer.Slice(buffer.End);
            }

            if (result.IsCompleted)
            {
                if (buffer.Length > 0 || isTooLong)
                {
                    yield return new JsonLine(number + 1, isTooLong ? null : buffer.ToArray(), end + buffer.Length, IsWhole: false);
                }

                break;
            }

            searched = buffer.Length;
            reader.AdvanceTo(buffer.Start, buffer.End);
        }

        await reader.CompleteAsync();
    }
}
