using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 4 bits: value = (code - 8) * scale. Low nibbles are the first 16 elements, high nibbles the last.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q4_0 : IEncodableFormat<Q4_0>
{
    private const int Half = 16;

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Two codes per byte.</summary>
    internal fixed byte Codes[Half];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q4_0;

    /// <inheritdoc/>
    public static int BlockElements => 2 * Half;

    /// <inheritdoc/>
    public static void Decode(Q4_0* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale);
        for (int i = 0; i < Half; i++)
        {
            int codes = block->Codes[i];
            destination[i] = ((codes & 15) - 8) * scale;
            destination[i + Half] = ((codes >> 4) - 8) * scale;
        }
    }

    /// <inheritdoc/>
    public static void Encode(float* source, Q4_0* block)
    {
        // The value of the largest magnitude gets the code of the largest magnitude, -8, so the scale takes its sign.
        float inverse = ScaleSearch.Inverse(ScaleSearch.Store(ScaleSearch.Extreme(source, 2 * Half) / -8, &block->Scale));
        for (int i = 0; i < Half; i++)
        {
            int low = ScaleSearch.Round(source[i] * inverse, -8, 7) + 8;
            int high = ScaleSearch.Round(source[i + Half] * inverse, -8, 7) + 8;
            block->Codes[i] = (byte)(low | (high << 4));
        }
    }

    /// <inheritdoc/>
    public static void SetScale(Q4_0* block, float scale) => block->Scale = HalfTable.FromSingle(scale);
}
