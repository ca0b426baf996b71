using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>64 elements in four sub-blocks of 16 (eight bytes, low nibbles first): value = <see cref="E2M1"/>[code] * scale.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct NVFP4 : IEncodableFormat<NVFP4>
{
    private const int SubBlocks = 4;
    private const int SubBlockBytes = 8;
    private const int LargestCode = 0x7E;
    private static readonly float[] s_scales = BuildScales();

    /// <summary>The sub-blocks' scales: floats without sign, four bits of exponent and three of mantissa.</summary>
    internal fixed byte SubScales[SubBlocks];

    /// <summary>Two codes per byte.</summary>
    internal fixed byte Codes[SubBlocks * SubBlockBytes];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.NVFP4;

    /// <inheritdoc/>
    public static int BlockElements => SubBlocks * SubBlockBytes * 2;

    /// <summary>Half the value of a scale byte: half, because <see cref="E2M1"/>'s values are doubled.</summary>
    internal static float Scale(byte code) => s_scales[code];

    /// <inheritdoc/>
    public static void Decode(NVFP4* block, float* destination)
    {
        for (int b = 0; b < SubBlocks; b++)
        {
            E2M1.Expand(block->Codes + (b * SubBlockBytes), SubBlockBytes, Scale(block->SubScales[b]), destination);
            destination += 2 * SubBlockBytes;
        }
    }

    /// <inheritdoc/>
    public static void Encode<TLanes>(float* source, NVFP4* block)
        where TLanes : struct, ILanes<TLanes>
    {
        byte* codes = stackalloc byte[2 * SubBlockBytes];
        for (int b = 0; b < SubBlocks; b++)
        {
            byte* packed = block->Codes + (b * SubBlockBytes);
            byte lower = Floor(MathF.Abs(ScaleSearch.Extreme<TLanes>(source, 2 * SubBlockBytes)) / E2M1.Largest);
            float least = float.PositiveInfinity;
            for (int scale = Math.Max(lower - 1, 0); scale <= Math.Min(lower + 2, LargestCode); scale++)
            {
                float error = E2M1.Round<TLanes>(source, 2 * SubBlockBytes, Scale((byte)scale), codes);
                if (error < least || scale == lower - 1)
                {
                    least = error;
                    block->SubScales[b] = (byte)scale;
                    for (int i = 0; i < SubBlockBytes; i++)
                    {
                        packed[i] = (byte)(codes[i] | (codes[i + SubBlockBytes] << 4));
                    }
                }
            }

            source += 2 * SubBlockBytes;
        }
    }

    /// <inheritdoc/>
    public static void SetScale(NVFP4* block, float scale)
    {
        // Of the two scales around the wanted one, chosen so that the mean square is right.
        byte lower = Floor(MathF.Abs(scale));
        byte upper = (byte)Math.Min(lower + 1, LargestCode);
        float lowerSquare = Scale(lower) * Scale(lower), upperSquare = Scale(upper) * Scale(upper);
        float chance = 256 * ((scale * scale) - lowerSquare) / (upperSquare - lowerSquare);
        for (int b = 0; b < SubBlocks; b++)
        {
            block->SubScales[b] = block->SubScales[b] < chance ? upper : lower;
        }
    }

    /// <summary>The largest code whose scale is not above a value, which is not negative.</summary>
    private static byte Floor(float scale)
    {
        const float SmallestNormal = 1f / 64;
        float value = MathF.Min(2 * scale, 448);
        return value < SmallestNormal
            ? (byte)(value * 512)
            : (byte)((BitConverter.SingleToUInt32Bits(value) >> 20) - ((127 - 7) << 3));
    }

    private static float[] BuildScales()
    {
        const int NotANumber = 0x7F;
        var scales = new float[256];
        for (int code = 0; code < scales.Length; code++)
        {
            int exponent = (code >> 3) & 15, mantissa = code & 7;
            float value = exponent == 0 ? MathF.ScaleB(mantissa, -9) : MathF.ScaleB(1 + (mantissa / 8f), exponent - 7);
            scales[code] = code == NotANumber ? 0 : value * 0.5f;
        }

        return scales;
    }
}
