using Hearth.Engine.Cache;
using Hearth.Kernels.Activation;
using Hearth.Kernels.Attention;
using Hearth.Kernels.MatMul;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Norm;
using Hearth.Kernels.Rope;
using Hearth.Kernels.Threading;

namespace Hearth.Engine.Devices;

/// <summary>Runs operations at once on the processor's cores.</summary>
public sealed partial class CpuDevice : Device
{
    private readonly ComputePool _pool;
    private readonly bool _ownsPool;
    private readonly Activations _input = new();
    private readonly List<WeightMatrix> _weights = [];
    private readonly List<float> _scales = [];
    private readonly List<float[]> _vectors = [];
    private readonly List<AlignedBuffer<float>> _activations = [];
    private MatMulProduct[] _together = [];
    private Tensor _normalized = Tensor.None; // what the input holds for the product that follows
    private StepInputs _step = new();
    private KvPool? _cache;

    /// <param name="threads">Threads that compute; 0 for one per physical core.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public CpuDevice(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        _pool = new ComputePool(threads);
        _ownsPool = true;
    }

    /// <summary>A device with weights and memory of its own on the threads of another, which must live longer.</summary>
    internal CpuDevice(CpuDevice sharing) => _pool = sharing._pool;

    /// <summary>Threads that compute.</summary>
    public int Threads => _pool.Threads;

    /// <inheritdoc/>
    public override Tensor AddWeights(WeightMatrix matrix, float scale = 1)
    {
        _weights.Add(matrix);
        _scales.Add(scale);
        return new Tensor(TensorHeap.Weights, _weights.Count - 1, matrix.Rows, matrix.Columns);
    }

    /// <inheritdoc/>
    public override Tensor AddVector(ReadOnlySpan<float> values)
    {
        _vectors.Add(values.ToArray());
        return new Tensor(TensorHeap.Vectors, _vectors.Count - 1, 1, values.Length);
    }

    /// <inheritdoc/>
    public override Tensor Allocate(int rows, int columns)
    {
        _activations.Add(new AlignedBuffer<float>(checked(rows * columns)));
        return new Tensor(TensorHeap.Activations, _activations.Count - 1, rows, columns);
    }

    /// <inheritdoc/>
    public override Tensor Resize(Tensor tensor, int rows)
    {
        _activations[tensor.Index].Dispose();
        _activations[tensor.Index] = new AlignedBuffer<float>(checked(rows * tensor.Columns));
        return tensor with { Rows = rows };
    }

    /// <inheritdoc/>
    public override void Begin(StepInputs inputs, KvPool pool)
    {
        _step = inputs;
        _cache = pool;
    }

    /// <inheritdoc/>
    public override void EmbedTokens(Tensor table, Tensor destination) =>
        EmbeddingRowsOp.Run(_pool, _weights[table.Index], _step.Tokens.AsSpan(0, destination.Rows), Span(destination));

    /// <inheritdoc/>
    public override void MatMul(Tensor input, ReadOnlySpan<Projection> projections)
    {
        ActivationFormats formats = ActivationFormats.None;
        foreach (Projection projection in projections)
        {
            formats |= FormatsFor(projection.Weight);
        }

        if (_normalized != input)
        {
            _input.Load(_pool, Span(input), input.Rows, input.Columns, formats);
        }

        _normalized = Tensor.None;
        int count = 0;
        Span<MatMulProduct> products = Grow(ref _together, projections.Length);
        foreach (Projection projection in projections)
        {
            if (IsPlain(projection.Weight))
            {
                products[count++] = new MatMulProduct(
                    _weights[projection.Weight.Index], _input, _activations[projection.Destination.Index], Accumulate: projection.Accumulate);
            }
        }

        MatMulOp.Run(_pool, products[..count]);
        foreach (Projection projection in projections)
        {
            Span<float> destination = Span(projection.Destination);
            if (!IsPlain(projection.Weight))
            {
                Product(projection.Weight, _input, RowsOf(input), destination, projection.Accumulate);
            }

            if (!projection.Bias.IsNone)
            {
                AddRowsOp.Run(_pool, _vectors[projection.Bias.Index], destination, projection.Destination.Rows, projection.Destination.Columns);
            }
        }
    }

    /// <inheritdoc/>
    public override void EmbedPositions(Tensor table, Tensor destination) =>
        EmbeddingRowsOp.Run(_pool, _weights[table.Index], _step.Positions.AsSpan(0, destination.Rows), Span(destination));

    /// <inheritdoc/>
    public override void MatMulParts(Tensor input, int inputOffset, IReadOnlyList<Tensor> weights, Tensor destination, int destinationOffset)
    {
        int parts = weights.Count;
        Tensor from = input.Split(parts);
        Tensor to = destination.Split(parts);
        int columns = weights[0].Columns;
        int outputs = weights[0].Rows;
        Span<float> gathered = Grow(ref _gathered, input.Rows * columns);
        Span<float> products = Grow(ref _up, input.Rows * outputs);
        for (int part = 0; part < parts; part++)
        {
            for (int row = 0; row < input.Rows; row++)
            {
                Row(from, (row * parts) + part).Slice(inputOffset, columns).CopyTo(gathered[(row * columns)..]);
            }

            _input.Load(_pool, gathered, input.Rows, columns, FormatsFor(weights[part]));
            Product(weights[part], _input, [], products);
            for (int row = 0; row < input.Rows; row++)
            {
                products.Slice(row * outputs, outputs).CopyTo(Row(to, (row * parts) + part)[destinationOffset..]);
            }
        }
    }

    /// <inheritdoc/>
    public override void Norm(Tensor input, in Normalization norm, Tensor destination)
    {
        if (norm.Kind == NormKind.Layer)
        {
            LayerNormOp.Run(_pool, Span(input), Vector(norm.Weight), Vector(norm.Bias), norm.Epsilon, Span(destination), input.Rows, input.Columns);
            return;
        }

        if (norm.Kind == NormKind.UnitLength)
        {
            L2NormOp.Run(_pool, Span(input), norm.Epsilon, Span(destination), input.Rows, input.Columns);
            return;
        }

        RmsNormOp.Run(_pool, Span(input), Vector(norm.Weight), norm.Epsilon, Span(destination), input.Rows, input.Columns);
        if (!norm.Bias.IsNone)
        {
            AddVector(destination, norm.Bias);
        }
    }

    /// <inheritdoc/>
    public override void Norm(Tensor input, in Normalization norm, Tensor destination, ReadOnlySpan<Tensor> weights)
    {
        if (norm.Kind != NormKind.RootMeanSquare || !norm.Bias.IsNone || weights.IsEmpty)
        {
            Norm(input, norm, destination);
            return;
        }

        ActivationFormats formats = ActivationFormats.None;
        foreach (Tensor weight in weights)
        {
            formats |= FormatsFor(weight);
        }

        _input.LoadNormalized(
            _pool, Span(input), Vector(norm.Weight), norm.Epsilon, Span(destination), input.Rows, input.Columns, formats);
        _normalized = destination;
    }

    /// <inheritdoc/>
    public override void Rope(Tensor tensor, int heads, in RopeShape shape)
    {
        RopeAngles angles = _step.Ropes[shape.Table];
        RopeOp.Run(_pool, Span(tensor), tensor.Rows, heads, tensor.Columns / heads, angles.Cosines, angles.Sines, angles.Pairs, shape.Pairing, shape.Offset);
    }

    /// <inheritdoc/>
    public override void ScaleQueries(Tensor queries)
    {
        for (int row = 0; row < queries.Rows; row++)
        {
            if (_step.QueryScales[row] != 1)
            {
                ScaleOp.Run(_pool, Row(queries, row), _step.QueryScales[row]);
            }
        }
    }

    /// <inheritdoc/>
    public override void Store(Tensor keys, Tensor values, int layer) =>
        KvStoreOp.Run(_pool, Cache.Storage, layer, Span(keys), Span(values), _step.Slots.AsSpan(0, keys.Rows));

    /// <inheritdoc/>
    public override void Attend(Tensor queries, Tensor destination, in AttentionShape shape)
    {
        AttentionArguments arguments = new()
        {
            Queries = Span(queries),
            Output = Span(destination),
            Storage = Cache.Storage,
            Layer = shape.Layer,
            Heads = shape.Heads,
            BlockTables = _step.BlockTables.AsSpan(0, _step.SequenceCount * _step.BlockTableStride),
            BlockTableStride = _step.BlockTableStride,
            RowSequences = _step.RowSequences.AsSpan(0, queries.Rows),
            RowPositions = _step.Positions.AsSpan(0, queries.Rows),
            SequenceLengths = _step.SequenceLengths.AsSpan(0, _step.SequenceCount),
            Scale = shape.Scale,
            Mask = shape.Mask,
            Window = shape.Window,
            SoftCap = shape.SoftCap,
            Sinks = Vector(shape.Sinks),
            AlibiSlopes = Vector(shape.Slopes),
        };
        AttentionOp.Run(_pool, arguments);
    }

    /// <inheritdoc/>
    public override void SelectOutputRows(Tensor source, Tensor destination, int firstOutput)
    {
        _selected = (destination.Index, firstOutput);
        for (int row = 0; row < destination.Rows; row++)
        {
            Row(source, _step.OutputRows[firstOutput + row]).CopyTo(Row(destination, row));
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<float> values, Tensor tensor) => values.CopyTo(Span(tensor));

    /// <inheritdoc/>
    public override void Read(Tensor tensor, Span<float> destination) => Span(tensor).CopyTo(destination);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
        {
            return;
        }

        if (_ownsPool)
        {
            _pool.Dispose();
        }

        _input.Dispose();
        _expertInput.Dispose();
        _adapterInput.Dispose();
        _gate.Dispose();
        _up.Dispose();
        _down.Dispose();
        foreach (AlignedBuffer<float> buffer in _activations)
        {
            buffer.Dispose();
        }
    }

    private KvPool Cache => _cache ?? throw new InvalidOperationException("No step has begun.");

    private ReadOnlySpan<float> Vector(Tensor vector) => vector.IsNone ? default : _vectors[vector.Index];

    private Span<float> Span(Tensor tensor) => _activations[tensor.Index].Span[..(tensor.Rows * tensor.Columns)];

    private Span<float> Row(Tensor tensor, int row) => _activations[tensor.Index].Span.Slice(row * tensor.Columns, tensor.Columns);
}
