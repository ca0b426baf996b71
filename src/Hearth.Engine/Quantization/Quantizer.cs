using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;

namespace Hearth.Engine.Quantization;

/// <summary>How far a quantisation is.</summary>
/// <param name="Tensor">The tensor that is written, from 0.</param>
/// <param name="SourceBytes">Bytes of the model's tensors that have been read.</param>
public readonly record struct QuantizationProgress(int Tensor, long SourceBytes);

/// <summary>
/// Writes a model in other tensor types. It goes through the file piece by piece: memory does not grow with the model. The new file appears
/// under its name when it is whole and on the disk; what a killed run left behind is removed by the next one.
/// </summary>
public sealed class Quantizer
{
    private const uint QuantizationVersion = 2;

    // 4 Mi elements: long enough for the threads, 4 to 16 MiB of either file.
    private const int PieceElements = 1 << 22;
    private readonly GgufFile _model;
    private readonly QuantizationPlan _plan;
    private readonly ComputePool _pool;
    private readonly Action<QuantizationProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly byte[][] _buffers = [[], []];
    private long _read;

    private Quantizer(
        GgufFile model, QuantizationPlan plan, ComputePool pool, Action<QuantizationProgress>? progress, CancellationToken cancellationToken)
    {
        _model = model;
        _plan = plan;
        _pool = pool;
        _progress = progress;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Checks that a path can receive a model's quantisation.</summary>
    /// <param name="model">The model that is read.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <exception cref="QuantizationException">It is the model itself, or a file that may not be replaced.</exception>
    /// <exception cref="IOException">It is a folder.</exception>
    public static void CheckTarget(GgufFile model, string path, bool overwrite)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder; give the path of a .gguf file to write.");
        }

        string target = Resolve(path);
        if (model.Paths.Any(part => Resolve(part) == target))
        {
            throw QuantizationException.SameFile(path);
        }

        if (File.Exists(path) && !overwrite)
        {
            throw QuantizationException.FileExists(path);
        }
    }

    /// <summary>Writes the file.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">The types, made for this model.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="progress">Called on the caller's thread, a few times per second at most on a large model.</param>
    /// <param name="cancellationToken">Seen within a piece of a tensor; nothing is left behind.</param>
    /// <exception cref="QuantizationException">See <see cref="CheckTarget"/>; or a value cannot be held by its new type.</exception>
    /// <exception cref="IOException">The file cannot be written: no space, no permission, ...</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(
        GgufFile model,
        QuantizationPlan plan,
        string path,
        bool overwrite,
        ComputePool pool,
        Action<QuantizationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(pool);
        CheckTarget(model, path, overwrite);
        TemporaryFiles.RemoveAbandoned(path);
        new Quantizer(model, plan, pool, progress, cancellationToken).CreateWriter().Save(path, overwrite);
    }

    private static string Resolve(string path)
    {
        FileInfo file = new(path);
        try
        {
            return (file.Exists ? file.ResolveLinkTarget(returnFinalTarget: true) : null)?.FullName ?? file.FullName;
        }
        catch (IOException)
        {
            // A circle of links: it is no model.
            return file.FullName;
        }
    }

    private GgufWriter CreateWriter()
    {
        GgufWriter writer = new(_model.Metadata.Where(pair => !pair.Key.StartsWith("split.", StringComparison.Ordinal)));
        writer.Set("general.quantization_version", QuantizationVersion).Set("general.file_type", _plan.FileTypeId);
        for (int i = 0; i < _plan.Tensors.Count; i++)
        {
            int index = i;
            GgufTensor source = _plan.Tensors[i].Source;
            writer.Add(source.Name, _plan.Tensors[i].Type, source.Dimensions.AsSpan(), stream => Write(index, stream));
        }

        return writer;
    }

    private void Write(int index, Stream stream)
    {
        PlannedTensor planned = _plan.Tensors[index];
        GgufTensor source = planned.Source;
        TensorTypeInfo from = TensorTypes.Get(source.Type), to = TensorTypes.Get(planned.Type);
        Task writing = Task.CompletedTask;
        try
        {
            for (long done = 0, turn = 0; done < source.Elements; done += PieceElements, turn ^= 1)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                _progress?.Invoke(new QuantizationProgress(index, _read));
                long count = Math.Min(PieceElements, source.Elements - done);
                int length = (int)(count / from.BlockElements * from.BlockBytes);
                ReadOnlySpan<byte> piece = _model.Data(source, done / from.BlockElements * from.BlockBytes, length);
                _read += length;
                if (from == to)
                {
                    stream.Write(piece);
                    continue;
                }

                // The last piece is written while this one is rounded.
                Memory<byte> target = Buffer((int)turn, (int)(count / to.BlockElements * to.BlockBytes));
                long bad = ConvertOp.Run(_pool, source.Type, piece, planned.Type, target.Span);
                if (bad >= 0)
                {
                    throw OutOfRange(planned, done + bad);
                }

                writing.GetAwaiter().GetResult();
                writing = Task.Run(() => stream.Write(target.Span), CancellationToken.None);
            }
        }
        finally
        {
            ((IAsyncResult)writing).AsyncWaitHandle.WaitOne();
        }

        writing.GetAwaiter().GetResult();
    }

    private Memory<byte> Buffer(int turn, int length)
    {
        if (_buffers[turn].Length < length)
        {
            _buffers[turn] = GC.AllocateUninitializedArray<byte>(length);
        }

        return _buffers[turn].AsMemory(0, length);
    }

    private QuantizationException OutOfRange(PlannedTensor planned, long index)
    {
        TensorTypeInfo from = TensorTypes.Get(planned.Source.Type);
        float[] block = new float[from.BlockElements];
        BlockCodec.Decode(
            from.Type, _model.Data(planned.Source, index / from.BlockElements * from.BlockBytes, from.BlockBytes), block);
        return QuantizationException.ValueOutOfRange(planned.Source.Name, index, block[index % from.BlockElements], planned.Type);
    }
}
