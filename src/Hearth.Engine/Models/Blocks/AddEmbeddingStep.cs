namespace Hearth.Engine.Models.Blocks;

/// <summary><c>x += scale * e</c> with what <see cref="KeepEmbeddingStep"/> kept.</summary>
internal sealed class AddEmbeddingStep(ModelBuilder builder, float scale) : LayerStep
{
    private readonly ScratchSlot _kept = Reserve(builder);

    /// <summary>Where the embeddings are kept.</summary>
    public static ScratchSlot Reserve(ModelBuilder builder) => builder.Scratch.Reserve("kept embeddings", builder.Config.EmbeddingLength);

    public override void Run(in Step step) => step.Device.Add(step.Take(_kept), scale, step.Hidden);
}
