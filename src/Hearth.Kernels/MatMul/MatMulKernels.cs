using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

/// <summary>Which kernel computes products with weights of a format.</summary>
internal static unsafe class MatMulKernels
{
    /// <summary>The kernel of a format at a level. All levels give the same bits.</summary>
    internal static delegate*<MatMulTile*, void> Get(TensorType type, InstructionSetLevel level) => Reference(type);

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
