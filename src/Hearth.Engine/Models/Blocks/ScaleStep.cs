namespace Hearth.Engine.Models.Blocks;

/// <summary><c>x = factor * x</c>: keeps the residual stream small where a model was trained so.</summary>
internal sealed class ScaleStep(float factor) : LayerStep
{
    public override void Run(in Step step) => step.Device.Scale(step.Hidden, factor);
}
