using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul.Lanes;
using Hearth.Kernels.MatMul.Neon;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.MatMul;

/// <summary>Which kernel computes products with weights of a format.</summary>
internal static unsafe class MatMulKernels
{
    /// <summary>The kernel of a format at a level. All levels give the same bits.</summary>
    internal static delegate*<MatMulTile*, void> Get(TensorType type, InstructionSetLevel level) => level switch
    {
        InstructionSetLevel.Avx512 => WithAvx512(type),
        InstructionSetLevel.Avx2 => WithAvx2(type),
        InstructionSetLevel.Neon => WithNeon(type),
        _ => Reference(type),
    };

    /// <summary>
    /// The kernel of a format for many tokens, in lanes; null where there is none, or where so few tokens are faster row by row.
    /// </summary>
    internal static delegate*<MatMulTile*, void> GetLanes(TensorType type, InstructionSetLevel level, int tokens) => level switch
    {
        InstructionSetLevel.Neon => WithNeonLanes(type),
        _ when tokens < Activations.LeastLaneTokens => null,
        InstructionSetLevel.Avx512 when AvxVnni.IsSupported && WithVnniLanes(type) is var kernel && kernel is not null => kernel,
        InstructionSetLevel.Avx512 when tokens > Avx2Lanes.Count => WithAvx512Lanes(type),
        InstructionSetLevel.Avx512 or InstructionSetLevel.Avx2 => WithAvx2Lanes(type),
        _ => null,
    };

    private static delegate*<MatMulTile*, void> WithAvx512Lanes(TensorType type) => type switch
    {
        TensorType.Q8_0 => &Block32Lanes.Run<Q8_0Avx2, Avx512Lanes, Vector512<int>>,
        TensorType.Q5_0 => &Block32Lanes.Run<Q5_0Avx2, Avx512Lanes, Vector512<int>>,
        TensorType.Q4_0 => &Block32Lanes.Run<Q4_0Avx2, Avx512Lanes, Vector512<int>>,
        TensorType.Q4_1 => &Block32Lanes.Run<Q4_1Avx2, Avx512Lanes, Vector512<int>>,
        TensorType.Q5_1 => &Block32Lanes.Run<Q5_1Avx2, Avx512Lanes, Vector512<int>>,
        TensorType.MXFP4 => &Block32Lanes.Run<MXFP4Avx2, Avx512Lanes, Vector512<int>>,
        TensorType.IQ4_NL => &Block32Lanes.Run<IQ4_NLAvx2, Avx512Lanes, Vector512<int>>,
        TensorType.Q2_K => &Block256Lanes.Run<Q2_KAvx2, Avx512Lanes, Vector512<int>>,
        TensorType.Q3_K => &Block256Lanes.Run<Q3_KAvx2, Avx512Lanes, Vector512<int>>,
        TensorType.Q4_K => &Block256Lanes.Run<Q4_KAvx2, Avx512Lanes, Vector512<int>>,
        TensorType.Q5_K => &Block256Lanes.Run<Q5_KAvx2, Avx512Lanes, Vector512<int>>,
        TensorType.Q6_K => &Block256Lanes.Run<Q6_KAvx2, Avx512Lanes, Vector512<int>>,
        TensorType.IQ4_XS => &Block256WideLanes.Run<IQ4_XSAvx2, Avx512Lanes, Vector512<int>>,
        TensorType.IQ2_XXS => &Block256WideLanes.Run<IQ2_XXSCodes, Avx512Lanes, Vector512<int>>,
        TensorType.IQ2_XS => &Block256WideLanes.Run<IQ2_XSCodes, Avx512Lanes, Vector512<int>>,
        TensorType.IQ2_S => &Block256WideLanes.Run<IQ2_SCodes, Avx512Lanes, Vector512<int>>,
        TensorType.IQ3_XXS => &Block256WideLanes.Run<IQ3_XXSCodes, Avx512Lanes, Vector512<int>>,
        TensorType.IQ3_S => &Block256WideLanes.Run<IQ3_SCodes, Avx512Lanes, Vector512<int>>,
        _ => null,
    };

    private static delegate*<MatMulTile*, void> WithVnniLanes(TensorType type) => type switch
    {
        TensorType.Q8_0 => &Block32Lanes.Run<Q8_0Avx2, VnniLanes, Vector256<int>>,
        TensorType.Q5_0 => &Block32Lanes.Run<Q5_0Avx2, VnniLanes, Vector256<int>>,
        TensorType.Q4_0 => &Block32Lanes.Run<Q4_0Avx2, VnniLanes, Vector256<int>>,
        TensorType.Q4_1 => &Block32Lanes.Run<Q4_1Avx2, VnniLanes, Vector256<int>>,
        TensorType.Q5_1 => &Block32Lanes.Run<Q5_1Avx2, VnniLanes, Vector256<int>>,
        TensorType.MXFP4 => &Block32Lanes.Run<MXFP4Avx2, VnniLanes, Vector256<int>>,
        TensorType.IQ4_NL => &Block32Lanes.Run<IQ4_NLAvx2, VnniLanes, Vector256<int>>,
        TensorType.IQ4_XS => &Block256WideLanes.Run<IQ4_XSAvx2, VnniLanes, Vector256<int>>,
        TensorType.IQ2_XXS => &Block256WideLanes.Run<IQ2_XXSCodes, VnniLanes, Vector256<int>>,
        TensorType.IQ2_XS => &Block256WideLanes.Run<IQ2_XSCodes, VnniLanes, Vector256<int>>,
        TensorType.IQ2_S => &Block256WideLanes.Run<IQ2_SCodes, VnniLanes, Vector256<int>>,
        TensorType.IQ3_XXS => &Block256WideLanes.Run<IQ3_XXSCodes, VnniLanes, Vector256<int>>,
        TensorType.IQ3_S => &Block256WideLanes.Run<IQ3_SCodes, VnniLanes, Vector256<int>>,
        _ => null,
    };

    private static delegate*<MatMulTile*, void> WithAvx2Lanes(TensorType type) => type switch
    {
        TensorType.Q8_0 => &Block32Lanes.Run<Q8_0Avx2, Avx2Lanes, Vector256<int>>,
        TensorType.Q5_0 => &Block32Lanes.Run<Q5_0Avx2, Avx2Lanes, Vector256<int>>,
        TensorType.Q4_0 => &Block32Lanes.Run<Q4_0Avx2, Avx2Lanes, Vector256<int>>,
        TensorType.Q4_1 => &Block32Lanes.Run<Q4_1Avx2, Avx2Lanes, Vector256<int>>,
        TensorType.Q5_1 => &Block32Lanes.Run<Q5_1Avx2, Avx2Lanes, Vector256<int>>,
        TensorType.MXFP4 => &Block32Lanes.Run<MXFP4Avx2, Avx2Lanes, Vector256<int>>,
        TensorType.IQ4_NL => &Block32Lanes.Run<IQ4_NLAvx2, Avx2Lanes, Vector256<int>>,
        TensorType.Q2_K => &Block256Lanes.Run<Q2_KAvx2, Avx2Lanes, Vector256<int>>,
        TensorType.Q3_K => &Block256Lanes.Run<Q3_KAvx2, Avx2Lanes, Vector256<int>>,
        TensorType.Q4_K => &Block256Lanes.Run<Q4_KAvx2, Avx2Lanes, Vector256<int>>,
        TensorType.Q5_K => &Block256Lanes.Run<Q5_KAvx2, Avx2Lanes, Vector256<int>>,
        TensorType.Q6_K => &Block256Lanes.Run<Q6_KAvx2, Avx2Lanes, Vector256<int>>,
        TensorType.IQ4_XS => &Block256WideLanes.Run<IQ4_XSAvx2, Avx2Lanes, Vector256<int>>,
        TensorType.IQ2_XXS => &Block256WideLanes.Run<IQ2_XXSCodes, Avx2Lanes, Vector256<int>>,
        TensorType.IQ2_XS => &Block256WideLanes.Run<IQ2_XSCodes, Avx2Lanes, Vector256<int>>,
        TensorType.IQ2_S => &Block256WideLanes.Run<IQ2_SCodes, Avx2Lanes, Vector256<int>>,
        TensorType.IQ3_XXS => &Block256WideLanes.Run<IQ3_XXSCodes, Avx2Lanes, Vector256<int>>,
        TensorType.IQ3_S => &Block256WideLanes.Run<IQ3_SCodes, Avx2Lanes, Vector256<int>>,
        _ => null,
    };

    private static delegate*<MatMulTile*, void> WithAvx512(TensorType type) => type switch
    {
        TensorType.Q8_0 when AvxVnni.IsSupported => &Block32Dot.Rows<Q8_0Vnni>,
        TensorType.Q5_0 when Gfni.V256.IsSupported => &Block32Dot.Rows<Q5_0Gfni>,
        TensorType.Q5_1 when Gfni.V256.IsSupported => &Block32Dot.Rows<Q5_1Gfni>,
        TensorType.IQ4_NL when AvxVnni.IsSupported => &Block32Dot.Rows<IQ4_NLVnni>,
        TensorType.Q6_K => &Block256Dot.Rows<Q6_KAvx512>,
        _ when Activations.AreFloats(type) => Floats<Lanes512>(type),
        _ => WithAvx2(type),
    };

    private static delegate*<MatMulTile*, void> WithAvx2(TensorType type) => type switch
    {
        TensorType.Q8_0 => &Block32Dot.Rows<Q8_0Avx2>,
        TensorType.Q5_0 => &Block32Dot.Rows<Q5_0Avx2>,
        TensorType.Q4_0 => &Block32Dot.Rows<Q4_0Avx2>,
        TensorType.Q4_1 => &Block32Dot.Rows<Q4_1Avx2>,
        TensorType.Q5_1 => &Block32Dot.Rows<Q5_1Avx2>,
        TensorType.MXFP4 => &Block32Dot.Rows<MXFP4Avx2>,
        TensorType.IQ4_NL => &Block32Dot.Rows<IQ4_NLAvx2>,
        TensorType.Q2_K => &Block256Dot.Rows<Q2_KAvx2>,
        TensorType.Q3_K => &Block256Dot.Rows<Q3_KAvx2>,
        TensorType.Q4_K => &Block256Dot.Rows<Q4_KAvx2>,
        TensorType.Q5_K => &Block256Dot.Rows<Q5_KAvx2>,
        TensorType.Q6_K => &Block256Dot.Rows<Q6_KAvx2>,
        TensorType.IQ4_XS => &Block256Dot.Rows<IQ4_XSAvx2>,
        TensorType.IQ2_XXS => &Block256Dot.Rows<Unpacked256<IQ2_XXSCodes>>,
        TensorType.IQ2_XS => &Block256Dot.Rows<Unpacked256<IQ2_XSCodes>>,
        TensorType.IQ2_S => &Block256Dot.Rows<Unpacked256<IQ2_SCodes>>,
        TensorType.IQ3_XXS => &Block256Dot.Rows<Unpacked256<IQ3_XXSCodes>>,
        TensorType.IQ3_S => &Block256Dot.Rows<Unpacked256<IQ3_SCodes>>,
        _ => Floats<Lanes256>(type),
    };

    private static delegate*<MatMulTile*, void> WithNeon(TensorType type) => type switch
    {
        TensorType.Q8_0 => &Block32Dot.Neon<Q8_0Neon>,
        TensorType.Q5_0 => &Block32Dot.Neon<Q5_0Neon>,
        TensorType.Q4_0 => &Block32Dot.Neon<Q4_0Neon>,
        TensorType.Q4_1 => &Block32Dot.Neon<Q4_1Neon>,
        TensorType.Q5_1 => &Block32Dot.Neon<Q5_1Neon>,
        TensorType.MXFP4 => &Block32Dot.Neon<MXFP4Neon>,
        TensorType.IQ4_NL => &Block32Dot.Neon<IQ4_NLNeon>,
        TensorType.Q2_K => &Block256Dot.NeonVectors<Q2_KNeon>,
        TensorType.Q3_K => &Block256Dot.NeonVectors<Q3_KNeon>,
        TensorType.Q4_K => &Block256Dot.NeonVectors<Q4_KNeon>,
        TensorType.Q5_K => &Block256Dot.NeonVectors<Q5_KNeon>,
        TensorType.Q6_K => &Block256Dot.NeonVectors<Q6_KNeon>,
        TensorType.IQ4_XS => &Block256Dot.NeonVectors<IQ4_XSNeon>,
        TensorType.IQ2_XXS => &Block256Dot.Neon<IQ2_XXSCodes>,
        TensorType.IQ2_XS => &Block256Dot.Neon<IQ2_XSCodes>,
        TensorType.IQ2_S => &Block256Dot.Neon<IQ2_SCodes>,
        TensorType.IQ3_XXS => &Block256Dot.Neon<IQ3_XXSCodes>,
        TensorType.IQ3_S => &Block256Dot.Neon<IQ3_SCodes>,
        _ => Floats<Lanes128>(type),
    };

    private static delegate*<MatMulTile*, void> WithNeonLanes(TensorType type) => type switch
    {
        TensorType.Q8_0 => &NeonLanes32.Run<Q8_0Neon>,
        TensorType.Q5_0 => &NeonLanes32.Run<Q5_0Neon>,
        TensorType.Q4_0 => &NeonLanes32.Run<Q4_0Neon>,
        TensorType.Q4_1 => &NeonLanes32.Run<Q4_1Neon>,
        TensorType.Q5_1 => &NeonLanes32.Run<Q5_1Neon>,
        TensorType.MXFP4 => &NeonLanes32.Run<MXFP4Neon>,
        TensorType.IQ4_NL => &NeonLanes32.Run<IQ4_NLNeon>,
        TensorType.Q2_K => &NeonLanes256.Run<Q2_KNeon>,
        TensorType.Q3_K => &NeonLanes256.Run<Q3_KNeon>,
        TensorType.Q4_K => &NeonLanes256.Run<Q4_KNeon>,
        TensorType.Q5_K => &NeonLanes256.Run<Q5_KNeon>,
        TensorType.Q6_K => &NeonLanes256.Run<Q6_KNeon>,
        TensorType.IQ4_XS => &NeonLanes256.Run<IQ4_XSNeon>,
        TensorType.IQ2_XXS => &NeonLanes256.Run<IQ2_XXSCodes>,
        TensorType.IQ2_XS => &NeonLanes256.Run<IQ2_XSCodes>,
        TensorType.IQ2_S => &NeonLanes256.Run<IQ2_SCodes>,
        TensorType.IQ3_XXS => &NeonLanes256.Run<IQ3_XXSCodes>,
        TensorType.IQ3_S => &NeonLanes256.Run<IQ3_SCodes>,
        _ => null,
    };

    private static delegate*<MatMulTile*, void> Floats<TLanes>(TensorType type)
        where TLanes : struct, ILanes<TLanes> => type switch
        {
            TensorType.F32 => &FloatDot.Run<F32Elements, TLanes>,
            TensorType.F16 => &FloatDot.Run<F16Elements, TLanes>,
            TensorType.BF16 => &FloatDot.Run<BF16Elements, TLanes>,
            _ => &FloatDot.Decoded<BlockRows, TLanes>,
        };

    private static delegate*<MatMulTile*, void> Reference(TensorType type) => type switch
    {
        TensorType.Q8_0 => &Block32Dot.Reference<Q8_0Codes>,
        TensorType.Q5_0 => &Block32Dot.Reference<Q5_0Codes>,
        TensorType.Q4_0 => &Block32Dot.Reference<Q4_0Codes>,
        TensorType.Q4_1 => &Block32Dot.Reference<Q4_1Codes>,
        TensorType.Q5_1 => &Block32Dot.Reference<Q5_1Codes>,
        TensorType.MXFP4 => &Block32Dot.Reference<MXFP4Codes>,
        TensorType.IQ4_NL => &Block32Dot.Reference<IQ4_NLCodes>,
        TensorType.Q2_K => &Block256Dot.Reference<Q2_KCodes>,
        TensorType.Q3_K => &Block256Dot.Reference<Q3_KCodes>,
        TensorType.Q4_K => &Block256Dot.Reference<Q4_KCodes>,
        TensorType.Q5_K => &Block256Dot.Reference<Q5_KCodes>,
        TensorType.Q6_K => &Block256Dot.Reference<Q6_KCodes>,
        TensorType.IQ4_XS => &Block256Dot.Reference<IQ4_XSCodes>,
        TensorType.IQ2_XXS => &Block256Dot.Reference<IQ2_XXSCodes>,
        TensorType.IQ2_XS => &Block256Dot.Reference<IQ2_XSCodes>,
        TensorType.IQ2_S => &Block256Dot.Reference<IQ2_SCodes>,
        TensorType.IQ3_XXS => &Block256Dot.Reference<IQ3_XXSCodes>,
        TensorType.IQ3_S => &Block256Dot.Reference<IQ3_SCodes>,
        _ => &FloatDot.Reference,
    };
}
