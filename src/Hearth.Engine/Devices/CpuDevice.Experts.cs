using Hearth.Kernels.Activation;
using Hearth.Kernels.MatMul;
using Hearth.Kernels.Memory;

namespace Hearth.Engine.Devices;

/// <content>Mixtures of experts: tokens are grouped by expert, and each token adds its experts in ascending order, whatever the
/// batch.</content>
public sealed partial class CpuDevice
{
    private readonly Activations _expertInput = new();
    private float[] _routerLogits = [];
    private float[] _expertWeights = [];
    private float[] _gathered = [];
    private AlignedBuffer<float> _gate = new(0);
    private AlignedBuffer<float> _up = new(0);
    private AlignedBuffer<float> _down = new(0);

    /// <inheritdoc/>
    public override void MixExperts(Tensor routed, Tensor input, ExpertWeights experts, in ExpertRouting routing, Tensor destination)
    {
        int expertCount = experts.Router.Rows;
        Route(routed, experts, routing);
        if (input.Rows == 1 && !routing.ScalesInput && _adapters.Count == 0)
        {
            RunToken(Span(input), experts, routing, Span(destination));
            return;
        }

        Span<int> rows = input.Rows <= 512 ? stackalloc int[input.Rows] : new int[input.Rows];
        for (int expert = 0; expert < experts.Up.Count; expert++)
        {
            int count = 0;
            for (int row = 0; row < input.Rows; row++)
            {
                if (_expertWeights[(row * expertCount) + expert] != 0)
                {
                    rows[count++] = row;
                }
            }

            if (count > 0)
            {
                RunExpert(input, experts, routing, expert, rows[..count], destination);
            }
        }
    }

    private void Route(Tensor routed, ExpertWeights experts, in ExpertRouting routing)
    {
        int expertCount = experts.Router.Rows;
        Span<float> logits = Grow(ref _routerLogits, routed.Rows * expertCount);
        Grow(ref _expertWeights, logits.Length).Clear();
        _input.Load(_pool, Span(routed), routed.Rows, routed.Columns, FormatsFor(experts.Router));
        Product(experts.Router, _input, [], logits);
        if (!experts.RouterBias.IsNone)
        {
            AddRowsOp.Run(_pool, Vector(experts.RouterBias), logits, routed.Rows, expertCount);
        }

        ExpertChoice choice = new(_pool, routing, Vector(experts.SelectionBias));
        choice.ToProbabilities(logits, routed.Rows, expertCount);
        for (int row = 0; row < routed.Rows; row++)
        {
            choice.Choose(logits.Slice(row * expertCount, expertCount), _expertWeights.AsSpan(row * expertCount, expertCount));
        }
    }

    // The same results as expert by expert, with two products instead of three for each.
    private void RunToken(ReadOnlySpan<float> input, ExpertWeights experts, in ExpertRouting routing, Span<float> destination)
    {
        Span<int> chosen = stackalloc int[routing.ExpertsUsed];
        int count = 0;
        for (int expert = 0; expert < experts.Up.Count && count < chosen.Length; expert++)
        {
            if (_expertWeights[expert] != 0)
            {
                chosen[count++] = expert;
            }
        }

        if (count == 0)
        {
            return;
        }

        int width = experts.Up[0].Rows;
        bool gated = experts.Gate.Count > 0;
        Span<float> output = Grow(ref _down, count * destination.Length);
        Span<float> up = Grow(ref _up, count * width);
        Span<float> gate = Grow(ref _gate, gated ? up.Length : 0);
        ActivationFormats formats = Activations.FormatFor(_weights[experts.Up[0].Index].Type);
        formats |= gated ? Activations.FormatFor(_weights[experts.Gate[0].Index].Type) : ActivationFormats.None;
        _expertInput.Load(_pool, input, 1, input.Length, formats);
        Span<MatMulProduct> products = Grow(ref _together, 2 * count);
        int inner = 0;
        for (int i = 0; i < count; i++)
        {
            if (gated)
            {
                products[inner++] = new MatMulProduct(_weights[experts.Gate[chosen[i]].Index], _expertInput, _gate, i * width);
            }

            products[inner++] = new MatMulProduct(_weights[experts.Up[chosen[i]].Index], _expertInput, _up, i * width);
        }

        MatMulOp.Run(_pool, products[..inner]);
        for (int i = 0; i < count; i++)
        {
            if (gated)
            {
                Finish(experts.Gate, experts.GateBias, chosen[i], gate.Slice(i * width, width));
            }

            Finish(experts.Up, experts.UpBias, chosen[i], up.Slice(i * width, width));
        }

        if (gated)
        {
            ActivateGated(routing.Activation, gate, up, up);
        }
        else
        {
            ActivationOp.Run(_pool, routing.Activation.Kind, up, up, up.Length);
        }

        _expertInput.Load(_pool, up, count, width, Activations.FormatFor(_weights[experts.Down[0].Index].Type));
        for (int i = 0; i < count; i++)
        {
            products[i] = new MatMulProduct(_weights[experts.Down[chosen[i]].Index], _expertInput, _down, i * destination.Length, Token: i);
        }

        MatMulOp.Run(_pool, products[..count]);
        for (int i = 0; i < count; i++)
        {
            Span<float> result = output.Slice(i * destination.Length, destination.Length);
            Finish(experts.Down, experts.DownBias, chosen[i], result);
            ScaledAddOp.Run(_pool, _expertWeights[chosen[i]], result, destination);
        }
    }

    /// <summary>An expert's factor and bias.</summary>
    private void Finish(IReadOnlyList<Tensor> weights, Tensor bias, int expert, Span<float> product)
    {
        float scale = _scales[weights[expert].Index];
        if (scale != 1)
        {
            ScaleOp.Run(_pool, product, scale);
        }

        AddBias(bias, expert, product, 1, product.Length);
    }

    private void RunExpert(Tensor input, ExpertWeights experts, in ExpertRouting routing, int expert, ReadOnlySpan<int> rows, Tensor destination)
    {
        int expertCount = experts.Router.Rows;
        Tensor upWeights = experts.Up[expert];
        Tensor downWeights = experts.Down[expert];
        Span<float> gathered = Grow(ref _gathered, rows.Length * input.Columns);
        for (int i = 0; i < rows.Length; i++)
        {
            Span<float> row = gathered.Slice(i * input.Columns, input.Columns);
            Row(input, rows[i]).CopyTo(row);
            if (routing.ScalesInput)
            {
                ScaleOp.Run(_pool, row, _expertWeights[(rows[i] * expertCount) + expert]);
            }
        }

        int width = upWeights.Rows;
        Span<float> up = Grow(ref _up, rows.Length * width);
        if (experts.Gate.Count > 0)
        {
            Tensor gateWeights = experts.Gate[expert];
            Span<float> gate = Grow(ref _gate, rows.Length * width);
            _expertInput.Load(_pool, gathered, rows.Length, input.Columns, FormatsFor(gateWeights) | FormatsFor(upWeights));
            Product(gateWeights, _expertInput, rows, gate);
            Product(upWeights, _expertInput, rows, up);
            AddBias(experts.GateBias, expert, gate, rows.Length, width);
            AddBias(experts.UpBias, expert, up, rows.Length, width);
            ActivateGated(routing.Activation, gate, up, up);
        }
        else
        {
            _expertInput.Load(_pool, gathered, rows.Length, input.Columns, FormatsFor(upWeights));
            Product(upWeights, _expertInput, rows, up);
            AddBias(experts.UpBias, expert, up, rows.Length, width);
            ActivationOp.Run(_pool, routing.Activation.Kind, up, up, up.Length);
        }

        _expertInput.Load(_pool, up, rows.Length, width, FormatsFor(downWeights));
        Product(downWeights, _expertInput, rows, gathered);
        AddBias(experts.DownBias, expert, gathered, rows.Length, input.Columns);
        for (int i = 0; i < rows.Length; i++)
        {
            float weight = routing.ScalesInput ? 1 : _expertWeights[(rows[i] * expertCount) + expert];
            ScaledAddOp.Run(_pool, weight, gathered.Slice(i * input.Columns, input.Columns), Row(destination, rows[i]));
        }
    }

    private void AddBias(Tensor bias, int expert, Span<float> rows, int count, int columns)
    {
        if (!bias.IsNone)
        {
            AddRowsOp.Run(_pool, Vector(bias).Slice(expert * columns, columns), rows, count, columns);
        }
    }

    private static Span<float> Grow(ref AlignedBuffer<float> buffer, int length)
    {
        if (buffer.Length < length)
        {
            AlignedBuffer<float> larger = new(Math.Max(length, buffer.Length * 2));
            buffer.Dispose();
            buffer = larger;
        }

        return buffer.Span[..length];
    }

    private static Span<T> Grow<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new T[Math.Max(length, buffer.Length * 2)];
        }

        return buffer.AsSpan(0, length);
    }
}
