using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

/// <summary>Sums of any format without minimums whose scale begins a block, with AVX2: the block is unpacked first.</summary>
/// <typeparam name="TCodes">The format.</typeparam>
internal readonly unsafe struct Unpacked256<TCodes> : IBlock256Vectors
    where TCodes : struct, IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => TCodes.BlockBytes;

    /// <inheritdoc/>
    public static int ScaleOffset => 0;

    /// <inheritdoc/>
    public static int MinimumScaleOffset => -1;

    /// <inheritdoc/>
    public static float ScaleFactor => TCodes.ScaleFactor;

    /// <inheritdoc/>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static Vector128<int> Sums(byte* block, ActivationBlock256* source)
    {
        Block256 unpacked;
        Prefetch.Ahead(block);
        Prefetch.Ahead(block + 55);
        TCodes.Unpack(block, &unpacked);
        Vector256<byte> scales = SmallSubBlocks.Interleave(Vector128.Load(unpacked.Scales));
        Vector256<int> products = Vector256<int>.Zero;
        for (int pair = 0; pair < 8; pair++)
        {
            Vector256<sbyte> weights = Vector256.Load(unpacked.Codes + (32 * pair));
            products += SmallSubBlocks.Scaled(
                Avx2.Abs(weights), Avx2.Sign(Vector256.Load(source->Values + (32 * pair)), weights), scales, pair);
        }

        Vector128<int> halves = products.GetLower() + products.GetUpper();
        return halves + Sse2.Shuffle(halves, 0b10_11_00_01);
    }
}
