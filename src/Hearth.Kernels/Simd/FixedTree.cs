using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hearth.Kernels.Simd;

/// <summary>The last levels of the canonical reduction tree: lane i + lane i+4, then +2, +1.</summary>
internal static class FixedTree
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Sum(Vector256<float> value) => Sum(value.GetLower() + value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Sum(Vector128<float> value)
    {
        Vector128<float> pairs = value + Vector128.Shuffle(value, Vector128.Create(2, 3, 0, 1));
        return pairs.GetElement(0) + pairs.GetElement(1);
    }

    /// <summary>The sums of four values side by side, with AVX: what <see cref="Sum(Vector256{float})"/> gives for each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void StoreSums(float* destination, Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        Vector256<double> ab = (Avx.Permute2x128(a, b, 0x20) + Avx.Permute2x128(a, b, 0x31)).AsDouble();
        Vector256<double> cd = (Avx.Permute2x128(c, d, 0x20) + Avx.Permute2x128(c, d, 0x31)).AsDouble();
        Vector256<float> pairs = Avx.UnpackLow(ab, cd).AsSingle() + Avx.UnpackHigh(ab, cd).AsSingle();
        pairs += Avx.Permute(pairs, 0b10_11_00_01);
        Sse41.Blend(pairs.GetLower(), pairs.GetUpper(), 0b1010).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Max(Vector256<float> value) => Max(Vector128.MaxNative(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Max(Vector128<float> value)
    {
        Vector128<float> pairs = Vector128.MaxNative(value, Vector128.Shuffle(value, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(pairs, Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>The whole tree over 16 partial sums, one operation at a time. Overwrites them.</summary>
    internal static float Sum(Span<float> partial)
    {
        for (int half = 8; half > 0; half /= 2)
        {
            for (int lane = 0; lane < half; lane++)
            {
                partial[lane] += partial[lane + half];
            }
        }

        return partial[0];
    }
}
