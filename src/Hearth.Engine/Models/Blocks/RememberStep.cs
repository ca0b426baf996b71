using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>Keeps the residual stream, normalised if there is a norm, for a block that reads it after it changed.</summary>
internal sealed class RememberStep(ScratchSlot slot, Normalization? norm = null) : LayerStep
{
    public override void Run(in Step step)
    {
        Tensor kept = step.Take(slot);
        if (norm is Normalization found)
        {
            step.Device.Norm(step.Hidden, found, kept);
        }
        else
        {
            step.Device.CopyColumns(step.Hidden, 0, kept, 0, slot.Columns);
        }
    }
}
