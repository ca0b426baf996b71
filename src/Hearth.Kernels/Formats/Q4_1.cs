using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 4 bits: value = code * scale + minimum. Nibbles lie as in <see cref="Q4_0"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q4_1 : IEncodableFormat<Q4_1>
{
    private const int Half = 16;

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>The value of code 0, a half.</summary>
    internal ushort Minimum;

    /// <summary>Two codes per byte.</summary>
    internal fixed byte Codes[Half];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q4_1;

    /// <inheritdoc/>
    public static int BlockElements => 2 * Half;

    /// <inheritdoc/>
    public static void Decode(Q4_1* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale), minimum = HalfTable.ToSingle(block->Minimum);
        for (int i = 0; i < Half; i++)
        {
            int codes = block->Codes[i];
            destination[i] = ((codes & 15) * scale) + minimum;
            destination[i + Half] = ((codes >> 4) * scale) + minimum;
        }
    }

    /// <inheritdoc/>
    public static void Encode(float* source, Q4_1* block)
    {
        (float lowest, float highest) = ScaleSearch.Range(source, 2 * Half);
        float inverse = ScaleSearch.Inverse(ScaleSearch.Store((highest - lowest) / 15, &block->Scale));
        float minimum = ScaleSearch.Store(lowest, &block->Minimum);
        for (int i = 0; i < Half; i++)
        {
            int low = ScaleSearch.Round((source[i] - minimum) * inverse, 0, 15);
            int high = ScaleSearch.Round((source[i + Half] - minimum) * inverse, 0, 15);
            block->Codes[i] = (byte)(low | (high << 4));
        }
    }

    /// <inheritdoc/>
    public static void SetScale(Q4_1* block, float scale)
    {
        block->Scale = HalfTable.FromSingle(scale);
        block->Minimum = HalfTable.FromSingle(-7.5f * scale);
    }
}
