using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

/// <summary>Which kernel computes products with weights of a format.</summary>
internal static unsafe class MatMulKernels
{
    /// <summary>The kernel of a format at a level. All levels give the same bits.</summary>
    internal static delegate*<MatMulTile*, void> Get(TensorType type, InstructionSetLevel level) => level switch
    {
        InstructionSetLevel.Avx512 => Avx512(type),
        InstructionSetLevel.Avx2 => Avx2(type),
        _ => Reference(type),
    };

    private static delegate*<MatMulTile*, void> Avx512(TensorType type) => type switch
    {
        TensorType.Q8_0 when AvxVnni.IsSupported => &Block32Dot.OneToken<Q8_0Vnni>,
        TensorType.Q5_0 when Gfni.V256.IsSupported => &Block32Dot.OneToken<Q5_0Gfni>,
        TensorType.Q6_K => &Block256Dot.OneToken<Q6_KAvx512>,
        _ => Avx2(type),
    };

    private static delegate*<MatMulTile*, void> Avx2(TensorType type) => type switch
    {
        TensorType.Q8_0 => &Block32Dot.OneToken<Q8_0Avx2>,
        TensorType.Q5_0 => &Block32Dot.OneToken<Q5_0Avx2>,
        TensorType.Q4_0 => &Block32Dot.OneToken<Q4_0Avx2>,
        TensorType.Q4_K => &Block256Dot.OneToken<Q4_KAvx2>,
        TensorType.Q5_K => &Block256Dot.OneToken<Q5_KAvx2>,
        TensorType.Q6_K => &Block256Dot.OneToken<Q6_KAvx2>,
        _ => Reference(type),
    };

    private static delegate*<MatMulTile*, void> Reference(TensorType type) => type switch
    {
        TensorType.Q8_0 => &Block32Dot.Reference<Q8_0Codes>,
        TensorType.Q5_0 => &Block32Dot.Reference<Q5_0Codes>,
        TensorType.Q4_0 => &Block32Dot.Reference<Q4_0Codes>,
        TensorType.Q4_K => &Block256Dot.Reference<Q4_KCodes>,
        TensorType.Q5_K => &Block256Dot.Reference<Q5_KCodes>,
        TensorType.Q6_K => &Block256Dot.Reference<Q6_KCodes>,
        _ => &FloatDot.Reference,
    };
}
