using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary><c>x += scale * post(block(pre(x)))</c>, the way of most layers; each norm may be absent.</summary>
internal sealed class ResidualStep : LayerStep
{
    private readonly Normalization? _pre;
    private readonly Block _block;
    private readonly Normalization? _post;
    private readonly float _scale;
    private readonly ScratchSlot _normed;
    private readonly ScratchSlot _branch;

    public ResidualStep(ModelBuilder builder, Normalization? pre, Block block, Normalization? post = null, float scale = 1)
    {
        _pre = pre;
        _block = block;
        _post = post;
        _scale = scale;
        _normed = builder.Scratch.Reserve("normed", builder.Config.EmbeddingLength);
        _branch = builder.Scratch.Reserve("branch", builder.Config.EmbeddingLength);
    }

    public override void Run(in Step step)
    {
        Tensor hidden = step.Hidden;
        Tensor input = hidden;
        if (_pre is Normalization pre)
        {
            input = step.Take(_normed);
            step.Device.Norm(hidden, pre, input, _block.FirstWeights);
        }

        if (_post is null && _scale == 1 && _pre is not null)
        {
            _block.Run(step, input, hidden, accumulate: true);
            return;
        }

        Tensor branch = step.Take(_branch);
        _block.Run(step, input, branch, accumulate: false);
        if (_post is Normalization post)
        {
            step.Device.Norm(branch, post, branch);
        }

        step.Device.Add(branch, _scale, hidden);
    }
}
