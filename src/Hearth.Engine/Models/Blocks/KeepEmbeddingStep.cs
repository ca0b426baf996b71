namespace Hearth.Engine.Models.Blocks;

/// <summary>Keeps the residual stream as it is for <see cref="AddEmbeddingStep"/>.</summary>
internal sealed class KeepEmbeddingStep(ModelBuilder builder) : LayerStep
{
    private readonly ScratchSlot _kept = AddEmbeddingStep.Reserve(builder);

    public override void Run(in Step step) => step.Device.CopyColumns(step.Hidden, 0, step.Take(_kept), 0, _kept.Columns);
}
