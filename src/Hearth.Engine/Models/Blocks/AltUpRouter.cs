using Hearth.Engine.Devices;
using Hearth.Kernels.Activation;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// What a layer of AltUp (arXiv:2301.13310) takes from a state to mix the streams: <c>tanh(router norm(x) / embedding)</c>.
/// </summary>
internal sealed class AltUpRouter
{
    private readonly Tensor _router;
    private readonly Normalization _norm;
    private readonly ScratchSlot _normed;
    private readonly ScratchSlot _modalities;

    public AltUpRouter(ModelBuilder builder, int layer)
    {
        int embedding = builder.Config.EmbeddingLength;
        _router = builder.Weights.Matrix($"blk.{layer}.altup_router.weight", AltUpStreams.Count, embedding);
        _norm = builder.Norm($"blk.{layer}.altup_router_norm", NormKind.RootMeanSquare, embedding);
        _normed = builder.Scratch.Reserve("normed", embedding);
        _modalities = builder.Scratch.Reserve("modalities", AltUpStreams.Count);
    }

    /// <summary>The modalities <c>[tokens, streams]</c> of a state <c>[tokens, embedding]</c>.</summary>
    public Tensor Run(in Step step, Tensor state)
    {
        Tensor normed = step.Take(_normed);
        Tensor modalities = step.Take(_modalities);
        step.Device.Norm(state, _norm, normed);
        step.Device.Scale(normed, 1f / normed.Columns);
        step.Device.MatMul(normed, [new(_router, Tensor.None, modalities)]);
        step.Device.Activate(new Activation(ActivationKind.Tanh), modalities, modalities);
        return modalities;
    }
}
