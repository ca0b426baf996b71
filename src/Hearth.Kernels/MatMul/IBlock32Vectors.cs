using System.Runtime.Intrinsics;

namespace Hearth.Kernels.MatMul;

/// <summary>A format of blocks of 32 as the one-token kernels consume it.</summary>
internal unsafe interface IBlock32Vectors : IBlock32Scales
{
    /// <summary>The exact integer products of four blocks, one per element, with four blocks of activations.</summary>
    /// <param name="block0">The first block of weights.</param>
    /// <param name="block1">The second block.</param>
    /// <param name="block2">The third block.</param>
    /// <param name="block3">The fourth block.</param>
    /// <param name="values">128 activations.</param>
    /// <param name="sums">The sums of each 32 of them.</param>
    static abstract Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums);
}
