using Hearth.Kernels.Activation;
using Hearth.Kernels.MatMul;

namespace Hearth.Engine.Devices;

/// <content>Mixtures of experts: tokens are grouped by expert, and each token adds its experts in ascending order, whatever the batch.</content>
public sealed partial class CpuDevice
{
    private const float SmallestWeightSum = 6.103515625e-5f;
    private readonly Activations _expertInput = new();
    private float[] _routerLogits = [];
    private float[] _expertWeights = [];
    private float[] _gathered = [];
    private float[] _gate = [];
    private float[] _up = [];

    /// <inheritdoc/>
    public override void MixExperts(Tensor input, Tensor router, ExpertWeights experts, in ExpertRouting routing, Tensor destination)
    {
        int expertCount = router.Rows;
        Route(input, router, routing);
        Span<int> rows = input.Rows <= 512 ? stackalloc int[input.Rows] : new int[input.Rows];
        for (int expert = 0; expert < expertCount; expert++)
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
                RunExpert(input, experts, expert, rows[..count], expertCount, destination);
            }
        }
    }

    private void Route(Tensor input, Tensor router, in ExpertRouting routing)
    {
        int expertCount = router.Rows;
        WeightMatrix weights = _weights[router.Index];
        Span<float> logits = Grow(ref _routerLogits, input.Rows * expertCount);
        Grow(ref _expertWeights, logits.Length).Clear();
        _input.Load(_pool, Span(input), input.Rows, input.Columns, Activations.FormatFor(weights.Type));
        MatMulOp.Run(_pool, weights, _input, logits);
        SoftmaxOp.Run(_pool, logits, input.Rows, expertCount);
        for (int row = 0; row < input.Rows; row++)
        {
            ChooseExperts(logits.Slice(row * expertCount, expertCount), routing, _expertWeights.AsSpan(row * expertCount, expertCount));
        }
    }

    private static void ChooseExperts(ReadOnlySpan<float> probabilities, in ExpertRouting routing, Span<float> weights)
    {
        float sum = 0;
        Span<int> chosen = stackalloc int[routing.ExpertsUsed];
        for (int i = 0; i < chosen.Length; i++)
        {
            int best = -1;
            for (int expert = 0; expert < probabilities.Length; expert++)
            {
                if (!chosen[..i].Contains(expert) && (best < 0 || probabilities[expert] > probabilities[best]))
                {
                    best = expert;
                }
            }

            chosen[i] = best;
            sum += probabilities[best];
        }

        float factor = routing.WeightScale / (routing.NormalizeWeights ? Math.Max(sum, SmallestWeightSum) : 1);
        foreach (int expert in chosen)
        {
            // A weight that underflows still counts as chosen; its contribution is nothing.
            weights[expert] = probabilities[expert] * factor;
        }
    }

    private void RunExpert(Tensor input, ExpertWeights experts, int expert, ReadOnlySpan<int> rows, int expertCount, Tensor destination)
    {
        WeightMatrix gateWeights = _weights[experts.Gate[expert].Index];
        WeightMatrix upWeights = _weights[experts.Up[expert].Index];
        WeightMatrix downWeights = _weights[experts.Down[expert].Index];
        Span<float> gathered = Grow(ref _gathered, rows.Length * input.Columns);
        for (int i = 0; i < rows.Length; i++)
        {
            Row(input, rows[i]).CopyTo(gathered[(i * input.Columns)..]);
        }

        Span<float> gate = Grow(ref _gate, rows.Length * gateWeights.Rows);
        Span<float> up = Grow(ref _up, rows.Length * upWeights.Rows);
        _expertInput.Load(_pool, gathered, rows.Length, input.Columns, Activations.FormatFor(gateWeights.Type) | Activations.FormatFor(upWeights.Type));
        MatMulOp.Run(_pool, gateWeights, _expertInput, gate);
        MatMulOp.Run(_pool, upWeights, _expertInput, up);
        GatedActivationOp.Run(_pool, ActivationKind.Silu, gate, up, gate, gate.Length);
        _expertInput.Load(_pool, gate, rows.Length, gateWeights.Rows, Activations.FormatFor(downWeights.Type));
        MatMulOp.Run(_pool, downWeights, _expertInput, gathered);
        for (int i = 0; i < rows.Length; i++)
        {
            ScaledAddOp.Run(_pool, _expertWeights[(rows[i] * expertCount) + expert], gathered.Slice(i * input.Columns, input.Columns), Row(destination, rows[i]));
        }
    }

    private static Span<float> Grow(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new float[Math.Max(length, buffer.Length * 2)];
        }

        return buffer.AsSpan(0, length);
    }
}
