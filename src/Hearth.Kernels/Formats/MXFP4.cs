using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 32 elements, OCP microscaling: value = <see cref="E2M1.Values"/>[code] * 2^(exponent - 128). Nibbles lie as in <see cref="Q4_0"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct MXFP4 : IEncodableFormat<MXFP4>
{
    /// <summary>The scales of the 256 exponents, in native memory that lives as long as the process.</summary>
    internal static readonly float* Scales = BuildScales();

    private const int Half = 16;

    /// <summary>The scale: a power of two.</summary>
    internal byte Exponent;

    /// <summary>Two codes per byte.</summary>
    internal fixed byte Codes[Half];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.MXFP4;

    /// <inheritdoc/>
    public static int BlockElements => 2 * Half;

    /// <summary>2^(exponent - 128), also where that is below the normal range.</summary>
    internal static float Scale(byte exponent) =>
        BitConverter.UInt32BitsToSingle(exponent < 2 ? 0x0020_0000u << exponent : (uint)(exponent - 1) << 23);

    /// <inheritdoc/>
    public static void Decode(MXFP4* block, float* destination) => E2M1.Expand(block->Codes, Half, Scale(block->Exponent), destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, MXFP4* block)
        where TLanes : struct, ILanes<TLanes>
    {
        // The largest magnitude is either rounded among the largest values (and cut off at the end of them) or half as far up.
        const int Elements = 2 * Half;
        byte* codes = stackalloc byte[2 * Elements];
        byte exponent = Floor(MathF.Abs(ScaleSearch.Extreme<TLanes>(source, Elements)) / 8);
        float error = E2M1.Round<TLanes>(source, Elements, Scale(exponent), codes);
        if (exponent < byte.MaxValue && E2M1.Round<TLanes>(source, Elements, Scale((byte)(exponent + 1)), codes + Elements) < error)
        {
            exponent++;
            codes += Elements;
        }

        block->Exponent = exponent;
        CodePacking.StoreNibbles(codes, codes + Half, block->Codes);
    }

    /// <inheritdoc/>
    public static void SetScale(MXFP4* block, float scale)
    {
        // Of the two powers of two around the scale, chosen so that the mean square is right.
        byte exponent = Floor(MathF.Abs(scale));
        float ratio = scale / Scale(exponent);
        bool upper = block->Exponent < 256 / 3f * ((ratio * ratio) - 1);
        block->Exponent = upper && exponent < byte.MaxValue ? (byte)(exponent + 1) : exponent;
    }

    /// <summary>The exponent of the power of two at or below a value that is not negative.</summary>
    private static byte Floor(float value) => (byte)Math.Clamp((int)(BitConverter.SingleToUInt32Bits(value) >> 23) + 1, 0, byte.MaxValue);

    private static float* BuildScales()
    {
        float* scales = (float*)NativeMemory.AlignedAlloc((byte.MaxValue + 1) * sizeof(float), 64);
        for (int exponent = 0; exponent <= byte.MaxValue; exponent++)
        {
            scales[exponent] = Scale((byte)exponent);
        }

        return scales;
    }
}
