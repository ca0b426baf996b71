using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Hearth.Kernels.MatMul;

/// <summary>Products of bytes in vectors of 128 bits.</summary>
internal static unsafe class ByteDot
{
    /// <summary>The products of 16 codes with 16 activations, both from -127 to 127, in four sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> Sixteen(sbyte* codes, sbyte* values)
    {
        Vector128<sbyte> a = Vector128.Load(codes), b = Vector128.Load(values);
        if (Dp.IsSupported)
        {
            return Dp.DotProduct(Vector128<int>.Zero, a, b);
        }

        // Two products fit in 16 bits.
        Vector128<short> sums = (Vector128.WidenLower(a) * Vector128.WidenLower(b)) + (Vector128.WidenUpper(a) * Vector128.WidenUpper(b));
        return Vector128.WidenLower(sums) + Vector128.WidenUpper(sums);
    }
}
