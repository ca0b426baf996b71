using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// <c>x += scale * Σ block_i(norm_i(x))</c>: branches that all read the same residual stream. A branch without a norm shares the norm of
/// the one before.
/// </summary>
internal sealed class ParallelStep : LayerStep
{
    private readonly IReadOnlyList<(Normalization? Norm, Block Block)> _branches;
    private readonly float _scale;
    private readonly ScratchSlot _normed;
    private readonly ScratchSlot _sum;

    public ParallelStep(ModelBuilder builder, IReadOnlyList<(Normalization? Norm, Block Block)> branches, float scale = 1)
    {
        _branches = branches;
        _scale = scale;
        _normed = builder.Scratch.Reserve("normed", builder.Config.EmbeddingLength);
        _sum = builder.Scratch.Reserve("branch", builder.Config.EmbeddingLength);
    }

    public override void Run(in Step step)
    {
        Tensor input = step.Take(_normed);
        Tensor sum = step.Take(_sum);
        for (int i = 0; i < _branches.Count; i++)
        {
            if (_branches[i].Norm is Normalization norm)
            {
                step.Device.Norm(step.Hidden, norm, input);
            }

            _branches[i].Block.Run(step, input, sum, accumulate: i > 0);
        }

        step.Device.Add(sum, _scale, step.Hidden);
    }
}
