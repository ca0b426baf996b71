using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>A block that reads what a <see cref="RememberStep"/> kept instead of its input.</summary>
internal sealed class RememberingBlock(ScratchSlot slot, Block block) : Block
{
    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate) => block.Run(step, step.Take(slot), destination, accumulate);
}
