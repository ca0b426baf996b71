using System.Runtime.InteropServices;
using Hearth.Engine.Conversion.Architectures;
using Hearth.Engine.Conversion.Safetensors;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;

namespace Hearth.Engine.Conversion;

/// <summary>Writes tensors piece by piece: memory does not grow with the model.</summary>
internal sealed class TensorStreamer(ComputePool pool, Action<long> progress, CancellationToken cancellationToken)
{
    // 4 Mi elements: long enough for the threads, 8 to 16 MiB of the folder's files.
    private const int PieceElements = 1 << 22;
    private byte[] _rows = [];
    private byte[] _wide = [];
    private byte[] _target = [];

    /// <summary>Writes all of a tensor's bytes.</summary>
    /// <exception cref="ConversionException">A value cannot be held by the type.</exception>
    public void Write(PlannedTensor planned, Stream stream)
    {
        if (planned.Values is float[] values)
        {
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        foreach (TensorSource part in planned.Parts)
        {
            if (planned.Transform is TensorTransform.QueryPairs or TensorTransform.KeyPairs)
            {
                WritePairs(planned, part, stream);
            }
            else
            {
                WriteFlat(planned, part, stream);
            }
        }
    }

    private void WriteFlat(PlannedTensor planned, TensorSource part, Stream stream)
    {
        int width = SafetensorsType.Bits(part.Tensor.Type)!.Value / 8;
        long elements = part.Tensor.Length / width;
        for (long done = 0; done < elements; done += PieceElements)
        {
            int count = (int)Math.Min(PieceElements, elements - done);
            WritePiece(planned, part.Tensor, part.File.Data(part.Tensor, done * width, count * width), done, stream);
        }
    }

    /// <summary>Within each head, row i of the first half goes to 2i and row i of the second half to 2i + 1.</summary>
    private void WritePairs(PlannedTensor planned, TensorSource part, Stream stream)
    {
        long rows = part.Tensor.Shape[0], length = rows / planned.Heads;
        int rowBytes = (int)(part.Tensor.Length / rows), columns = rowBytes * 8 / SafetensorsType.Bits(part.Tensor.Type)!.Value;
        int pieceRows = (int)Math.Min(rows, Math.Max(1, PieceElements / columns));
        for (long start = 0; start < rows; start += pieceRows)
        {
            int count = (int)Math.Min(pieceRows, rows - start);
            Span<byte> piece = Buffer(ref _rows, count * rowBytes);
            for (int i = 0; i < count; i++)
            {
                (long head, long row) = Math.DivRem(start + i, length);
                long source = head * length + row % 2 * (length / 2) + row / 2;
                part.File.Data(part.Tensor, source * rowBytes, rowBytes).CopyTo(piece[(i * rowBytes)..]);
            }

            WritePiece(planned, part.Tensor, piece, start * columns, stream);
        }
    }

    private void WritePiece(PlannedTensor planned, SafetensorsTensor source, ReadOnlySpan<byte> piece, long first, Stream stream)
    {
        cancellationToken.ThrowIfCancellationRequested();
        progress(piece.Length);
        TensorType from = source.Type switch
        {
            SafetensorsType.F16 => TensorType.F16,
            SafetensorsType.BF16 => TensorType.BF16,
            _ => TensorType.F32,
        };
        if (source.Type == SafetensorsType.F64)
        {
            piece = Narrow(piece);
        }

        if (planned.Transform == TensorTransform.AddOne)
        {
            piece = AddOne(planned, source, from, piece, first);
            from = TensorType.F32;
        }

        stream.Write(from == planned.Target.Type ? piece : Convert(planned, source, from, piece, planned.Target.Type, first, ref _target));
    }

    private ReadOnlySpan<byte> Narrow(ReadOnlySpan<byte> piece)
    {
        ReadOnlySpan<double> doubles = MemoryMarshal.Cast<byte, double>(piece);
        Span<byte> bytes = Buffer(ref _wide, doubles.Length * sizeof(float));
        Span<float> floats = MemoryMarshal.Cast<byte, float>(bytes);
        for (int i = 0; i < doubles.Length; i++)
        {
            floats[i] = (float)doubles[i];
        }

        return bytes;
    }

    private ReadOnlySpan<byte> AddOne(
        PlannedTensor planned, SafetensorsTensor source, TensorType from, ReadOnlySpan<byte> piece, long first)
    {
        Span<byte> bytes = Buffer(ref _rows, piece.Length / TensorTypes.Get(from).BlockBytes * sizeof(float));
        if (from == TensorType.F32)
        {
            piece.CopyTo(bytes);
        }
        else
        {
            Convert(planned, source, from, piece, TensorType.F32, first, ref _wide).CopyTo(bytes);
        }

        foreach (ref float value in MemoryMarshal.Cast<byte, float>(bytes))
        {
            value += 1;
        }

        return bytes;
    }

    private ReadOnlySpan<byte> Convert(
        PlannedTensor planned, SafetensorsTensor source, TensorType from,
            ReadOnlySpan<byte> piece, TensorType to, long first, ref byte[] buffer)
    {
        int elements = piece.Length / TensorTypes.Get(from).BlockBytes;
        Span<byte> target = Buffer(ref buffer, (int)TensorTypes.ByteSize(to, elements));
        long bad = ConvertOp.Run(pool, from, piece, to, target);
        if (bad >= 0)
        {
            int width = TensorTypes.Get(from).BlockBytes;
            float[] value = new float[1];
            BlockCodec.Decode(from, piece.Slice((int)bad * width, width), value);
            throw ConversionException.ValueOutOfRange(source.Name, first + bad, value[0], planned.Target.Type);
        }

        return target;
    }

    private static Span<byte> Buffer(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = GC.AllocateUninitializedArray<byte>(length);
        }

        return buffer.AsSpan(0, length);
    }
}
