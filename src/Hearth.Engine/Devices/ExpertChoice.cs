using Hearth.Kernels.Activation;
using Hearth.Kernels.Threading;

namespace Hearth.Engine.Devices;

/// <summary>Chooses experts by their router logits.</summary>
internal readonly ref struct ExpertChoice(ComputePool pool, ExpertRouting routing, ReadOnlySpan<float> selectionBias)
{
    private const float SmallestWeightSum = 6.103515625e-5f;
    private readonly ReadOnlySpan<float> _selectionBias = selectionBias;

    /// <summary>Turns logits <c>[rows, experts]</c> into what experts are weighted by, in place.</summary>
    public void ToProbabilities(Span<float> logits, int rows, int experts)
    {
        switch (routing.Gating)
        {
            case ExpertGating.Softmax:
                SoftmaxOp.Run(pool, logits, rows, experts);
                break;
            case ExpertGating.Sigmoid:
                ActivationOp.Run(pool, ActivationKind.Sigmoid, logits, logits, logits.Length);
                break;
            case ExpertGating.SquareRootSoftplus:
                ActivationOp.Run(pool, ActivationKind.Softplus, logits, logits, logits.Length);
                foreach (ref float value in logits)
                {
                    value = MathF.Sqrt(value);
                }

                break;
            default:
                // The softmax is over the chosen experts only.
                break;
        }
    }

    /// <summary>Writes the weights of a row's chosen experts; those of the others stay 0.</summary>
    /// <param name="probabilities">The row's <c>[experts]</c>.</param>
    /// <param name="weights">Zeroed, <c>[experts]</c>.</param>
    public void Choose(ReadOnlySpan<float> probabilities, Span<float> weights)
    {
        Span<float> scores = probabilities.Length <= 1024 ? stackalloc float[probabilities.Length] : new float[probabilities.Length];
        probabilities.CopyTo(scores);
        for (int i = 0; i < _selectionBias.Length; i++)
        {
            scores[i] += _selectionBias[i];
        }

        if (routing.Groups > 1 && routing.GroupsUsed < routing.Groups)
        {
            DropGroups(scores);
        }

        Span<int> chosen = stackalloc int[routing.ExpertsUsed];
        Span<float> chosenWeights = stackalloc float[routing.ExpertsUsed];
        float sum = 0;
        for (int i = 0; i < chosen.Length; i++)
        {
            int best = Best(scores);
            scores[best] = float.NegativeInfinity;
            chosen[i] = best / routing.OutputsPerExpert;
            chosenWeights[i] = probabilities[chosen[i]];
        }

        if (routing.Gating == ExpertGating.SelectedSoftmax)
        {
            SoftmaxOp.Run(pool, chosenWeights, 1, chosen.Length);
        }

        foreach (float weight in chosenWeights)
        {
            sum += weight;
        }

        float factor = routing.WeightScale / (routing.NormalizeWeights ? Math.Max(sum, SmallestWeightSum) : 1);
        for (int i = 0; i < chosen.Length; i++)
        {
            // A weight that underflows counts for nothing.
            weights[chosen[i]] += chosenWeights[i] * factor;
        }
    }

    private void DropGroups(Span<float> scores)
    {
        int size = scores.Length / routing.Groups;
        Span<float> groups = stackalloc float[routing.Groups];
        for (int group = 0; group < groups.Length; group++)
        {
            float first = float.NegativeInfinity;
            float second = float.NegativeInfinity;
            foreach (float score in scores.Slice(group * size, size))
            {
                (first, second) = score > first ? (score, first) : (first, Math.Max(second, score));
            }

            groups[group] = first + (size > 1 ? second : 0);
        }

        Span<float> order = stackalloc float[groups.Length];
        groups.CopyTo(order);
        for (int kept = 0; kept < routing.GroupsUsed; kept++)
        {
            int best = Best(order);
            order[best] = float.NegativeInfinity;
            groups[best] = float.PositiveInfinity;
        }

        for (int group = 0; group < groups.Length; group++)
        {
            if (!float.IsPositiveInfinity(groups[group]))
            {
                scores.Slice(group * size, size).Fill(float.NegativeInfinity);
            }
        }
    }

    private static int Best(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best])
            {
                best = i;
            }
        }

        return best;
    }
}
