using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary><c>x = norm(x + block(x))</c>: the layers of the first transformers (BERT).</summary>
internal sealed class PostNormStep : LayerStep
{
    private readonly Block _block;
    private readonly Normalization _norm;
    private readonly ScratchSlot _branch;

    public PostNormStep(ModelBuilder builder, Block block, Normalization norm)
    {
        _block = block;
        _norm = norm;
        _branch = builder.Scratch.Reserve("branch", builder.Config.EmbeddingLength);
    }

    public override void Run(in Step step)
    {
        Tensor branch = step.Take(_branch);
        _block.Run(step, step.Hidden, branch, accumulate: false);
        step.Device.Add(branch, 1, step.Hidden);
        step.Device.Norm(step.Hidden, _norm, step.Hidden);
    }
}
