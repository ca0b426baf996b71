using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary><c>scale * Σ block_i(x)</c>.</summary>
internal sealed class SumBlock : Block
{
    private readonly IReadOnlyList<Block> _blocks;
    private readonly float _scale;
    private readonly ScratchSlot _sum;

    public SumBlock(ModelBuilder builder, IReadOnlyList<Block> blocks, float scale)
    {
        _blocks = blocks;
        _scale = scale;
        _sum = builder.Scratch.Reserve("sum", builder.Config.EmbeddingLength);
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Tensor sum = accumulate ? step.Take(_sum) : destination;
        for (int i = 0; i < _blocks.Count; i++)
        {
            _blocks[i].Run(step, input, sum, accumulate: i > 0);
        }

        if (accumulate)
        {
            step.Device.Add(sum, _scale, destination);
        }
        else
        {
            step.Device.Scale(sum, _scale);
        }
    }
}
