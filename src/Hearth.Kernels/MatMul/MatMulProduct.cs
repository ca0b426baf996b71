using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

/// <summary>One of several products that <see cref="MatMulOp"/> computes together.</summary>
/// <param name="Weights">[rows, columns].</param>
/// <param name="Input">[tokens, columns], loaded in the form that <see cref="Activations.FormatFor"/> names.</param>
/// <param name="Destination">Memory that holds [tokens, rows] from <paramref name="Offset"/> on; products must not overlap.</param>
/// <param name="Offset">Elements in front of the result.</param>
/// <param name="Accumulate">Whether results are added to what the destination holds, instead of replacing it.</param>
/// <param name="Token">The only token of the input that is multiplied; null for all of them.</param>
public readonly record struct MatMulProduct(
    WeightMatrix Weights, Activations Input, AlignedBuffer<float> Destination, int Offset = 0, bool Accumulate = false, int? Token = null);
