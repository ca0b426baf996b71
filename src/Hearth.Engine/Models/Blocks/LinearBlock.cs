using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>A product with one matrix.</summary>
/// <param name="weight">The matrix <c>[embedding, embedding]</c>.</param>
internal sealed class LinearBlock(Tensor weight) : Block
{
    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate) =>
        step.Device.MatMul(input, [new(weight, Tensor.None, destination, accumulate)]);
}
