using Hearth.Kernels.Activation;
using Hearth.Kernels.MatMul;

namespace Hearth.Engine.Devices;

/// <content>Low-rank changes of weights, scaled for each row.</content>
public sealed partial class CpuDevice
{
    private readonly Dictionary<int, List<WeightAdapter>> _adapters = [];
    private readonly Activations _adapterInput = new();
    private float[] _lowRank = [];
    private float[] _products = [];
    private float[] _adapterScales = [];

    // Rows that were gathered for the logits are not the step's rows of the same number.
    private (int Index, int First) _selected = (-1, 0);

    /// <inheritdoc/>
    public override void Adapt(Tensor weight, WeightAdapter adapter)
    {
        if (!_adapters.TryGetValue(weight.Index, out List<WeightAdapter>? list))
        {
            _adapters[weight.Index] = list = [];
        }

        list.Add(adapter);
    }

    /// <summary>The formats that a product and its changes need of their input.</summary>
    private ActivationFormats FormatsFor(Tensor weight)
    {
        ActivationFormats formats = Activations.FormatFor(_weights[weight.Index].Type);
        if (_adapters.Count > 0 && _adapters.TryGetValue(weight.Index, out List<WeightAdapter>? list))
        {
            foreach (WeightAdapter adapter in list)
            {
                formats |= Activations.FormatFor(adapter.Down.Type);
            }
        }

        return formats;
    }

    /// <summary>Whether a product is the matrix alone: no factor, no changes.</summary>
    private bool IsPlain(Tensor weight) => _scales[weight.Index] == 1 && (_adapters.Count == 0 || !_adapters.ContainsKey(weight.Index));

    /// <summary>The step's rows that the rows of an input are; empty when they are the same.</summary>
    private ReadOnlySpan<int> RowsOf(Tensor input) => input.Index == _selected.Index ? _step.OutputRows.AsSpan(_selected.First, input.Rows) : [];

    /// <summary>A product with its changes.</summary>
    /// <param name="weight">Weights <c>[outputs, inputs]</c>.</param>
    /// <param name="input">The input, with the formats of <see cref="FormatsFor"/>.</param>
    /// <param name="rows">The step's row of each row of the product; empty when they are the same.</param>
    /// <param name="destination">The product <c>[rows, outputs]</c>.</param>
    /// <param name="accumulate">Adds to the destination instead of overwriting it.</param>
    private void Product(Tensor weight, Activations input, ReadOnlySpan<int> rows, Span<float> destination, bool accumulate = false)
    {
        Multiply(weight, input, destination, accumulate);
        if (_adapters.Count == 0 || !_adapters.TryGetValue(weight.Index, out List<WeightAdapter>? list))
        {
            return;
        }

        int count = destination.Length / weight.Rows;
        foreach (WeightAdapter adapter in list)
        {
            Span<float> scales = Grow(ref _adapterScales, count);
            for (int i = 0; i < count; i++)
            {
                scales[i] = _step.AdapterScale(rows.IsEmpty ? i : rows[i], adapter.Adapter) * adapter.Scale;
            }

            if (!scales.ContainsAnyExcept(0f))
            {
                continue;
            }

            int rank = adapter.Down.Rows;
            Span<float> low = Grow(ref _lowRank, count * rank);
            MatMulOp.Run(_pool, adapter.Down, input, low);
            ScaleRowsOp.Run(_pool, scales, low, count, rank);
            _adapterInput.Load(_pool, low, count, rank, Activations.FormatFor(adapter.Up.Type));
            MatMulOp.Run(_pool, adapter.Up, _adapterInput, destination, accumulate: true);
        }
    }

    /// <summary>A product with a matrix, times its factor.</summary>
    private void Multiply(Tensor weight, Activations input, Span<float> destination, bool accumulate = false)
    {
        WeightMatrix matrix = _weights[weight.Index];
        float scale = _scales[weight.Index];
        if (scale == 1)
        {
            MatMulOp.Run(_pool, matrix, input, destination, accumulate);
        }
        else if (accumulate)
        {
            Span<float> products = Grow(ref _products, destination.Length);
            MatMulOp.Run(_pool, matrix, input, products);
            ScaledAddOp.Run(_pool, scale, products, destination);
        }
        else
        {
            MatMulOp.Run(_pool, matrix, input, destination);
            ScaleOp.Run(_pool, destination, scale);
        }
    }
}
