using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary><c>x = norm(x)</c>.</summary>
internal sealed class NormStep(Normalization norm) : LayerStep
{
    public override void Run(in Step step) => step.Device.Norm(step.Hidden, norm, step.Hidden);
}
