using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// <c>x = norm(x + block(x))</c>: the layers of the first transformers (BERT). With a second norm the input is added once more:
/// <c>second(norm(x + block(x)) + x)</c>.
/// </summary>
internal sealed class PostNormStep : LayerStep
{
    private readonly Block _block;
    private readonly Normalization _norm;
    private readonly Normalization? _second;
    private readonly ScratchSlot _branch;

    public PostNormStep(ModelBuilder builder, Block block, Normalization norm, Normalization? second = null)
    {
        _second = second;
        _block = block;
        _norm = norm;
        _branch = builder.Scratch.Reserve("branch", builder.Config.EmbeddingLength);
    }

    public override void Run(in Step step)
    {
        Tensor branch = step.Take(_branch);
        _block.Run(step, step.Hidden, branch, accumulate: false);
        Device device = step.Device;
        if (_second is Normalization second)
        {
            device.Add(step.Hidden, 1, branch);
            device.Norm(branch, _norm, branch);
            device.Add(branch, 1, step.Hidden);
            device.Norm(step.Hidden, second, step.Hidden);
            return;
        }

        device.Add(branch, 1, step.Hidden);
        device.Norm(step.Hidden, _norm, step.Hidden);
    }
}
