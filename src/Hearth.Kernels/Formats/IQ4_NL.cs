using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 4 bits: value = scale * Values[code]. Nibbles lie as in <see cref="Q4_0"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct IQ4_NL : IEncodableFormat<IQ4_NL>
{
    private const int Half = 16;
    private const int Steps = 8;
    private static readonly byte[] s_nearest = BuildNearest();

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Two codes per byte.</summary>
    internal fixed byte Codes[Half];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.IQ4_NL;

    /// <inheritdoc/>
    public static int BlockElements => 2 * Half;

    /// <summary>The values of the 16 codes, ascending; <see cref="IQ4_XS"/> has the same.</summary>
    internal static ReadOnlySpan<sbyte> Values => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <inheritdoc/>
    public static void Decode(IQ4_NL* block, float* destination) => Expand(block->Codes, HalfTable.ToSingle(block->Scale), destination);

    /// <inheritdoc/>
    public static void Encode(float* source, IQ4_NL* block) =>
        Round(source, ScaleSearch.Store(SearchScale(source), &block->Scale), block->Codes);

    /// <inheritdoc/>
    public static void SetScale(IQ4_NL* block, float scale) => block->Scale = HalfTable.FromSingle(scale);

    /// <summary>Writes the 32 values of 16 bytes of codes.</summary>
    internal static void Expand(byte* codes, float scale, float* destination)
    {
        ReadOnlySpan<sbyte> values = Values;
        for (int i = 0; i < Half; i++)
        {
            destination[i] = scale * values[codes[i] & 15];
            destination[i + Half] = scale * values[codes[i] >> 4];
        }
    }

    /// <summary>The scale that loses little of 32 values: as <see cref="ScaleSearch.Symmetric"/>, from both ends of the values.</summary>
    internal static float SearchScale(float* source)
    {
        ReadOnlySpan<sbyte> values = Values;
        float inverseExtreme = ScaleSearch.Inverse(ScaleSearch.Extreme(source, 2 * Half));
        float best = 0, scale = 0;
        for (int step = -Steps; step <= Steps; step++)
        {
            for (int end = 0; end < values.Length; end += values.Length - 1)
            {
                float inverse = (values[end] + (2 * step)) * inverseExtreme;
                float products = 0, squares = 0;
                for (int i = 0; i < 2 * Half; i++)
                {
                    int value = values[Nearest(source[i] * inverse)];
                    products += source[i] * value;
                    squares += value * value;
                }

                if (products * products > best * squares)
                {
                    scale = products / squares;
                    best = products * scale;
                }
            }
        }

        return scale;
    }

    /// <summary>Rounds 32 values, given their scale, to 16 bytes of codes.</summary>
    internal static void Round(float* source, float scale, byte* codes)
    {
        float inverse = ScaleSearch.Inverse(scale);
        for (int i = 0; i < Half; i++)
        {
            codes[i] = (byte)(Nearest(source[i] * inverse) | (Nearest(source[i + Half] * inverse) << 4));
        }
    }

    private static int Nearest(float value) => s_nearest[ScaleSearch.Round(value, -128, 127) + 128];

    private static byte[] BuildNearest()
    {
        var nearest = new byte[256];
        for (int i = 0; i < nearest.Length; i++)
        {
            int value = i - 128;
            for (int code = 1; code < Values.Length; code++)
            {
                if (Math.Abs(Values[code] - value) < Math.Abs(Values[nearest[i]] - value))
                {
                    nearest[i] = (byte)code;
                }
            }
        }

        return nearest;
    }
}
