using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 5 bits: value = code * scale + minimum. Bits lie as in <see cref="Q5_0"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q5_1 : IEncodableFormat<Q5_1>
{
    private const int Half = 16;

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>The value of code 0, a half.</summary>
    internal ushort Minimum;

    /// <summary>Bit i is bit 4 of element i's code.</summary>
    internal uint HighBits;

    /// <summary>The low four bits, two codes per byte.</summary>
    internal fixed byte Codes[Half];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q5_1;

    /// <inheritdoc/>
    public static int BlockElements => 2 * Half;

    /// <inheritdoc/>
    public static void Decode(Q5_1* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale), minimum = HalfTable.ToSingle(block->Minimum);
        uint high = block->HighBits;
        for (int i = 0; i < Half; i++)
        {
            int codes = block->Codes[i];
            destination[i] = (((codes & 15) | ((int)(high >> i << 4) & 16)) * scale) + minimum;
            destination[i + Half] = (((codes >> 4) | ((int)(high >> (i + Half) << 4) & 16)) * scale) + minimum;
        }
    }

    /// <inheritdoc/>
    public static void Encode(float* source, Q5_1* block)
    {
        (float lowest, float highest) = ScaleSearch.Range(source, 2 * Half);
        float inverse = ScaleSearch.Inverse(ScaleSearch.Store((highest - lowest) / 31, &block->Scale));
        float minimum = ScaleSearch.Store(lowest, &block->Minimum);
        uint highBits = 0;
        for (int i = 0; i < Half; i++)
        {
            int low = ScaleSearch.Round((source[i] - minimum) * inverse, 0, 31);
            int high = ScaleSearch.Round((source[i + Half] - minimum) * inverse, 0, 31);
            block->Codes[i] = (byte)((low & 15) | (high << 4));
            highBits |= ((uint)low >> 4 << i) | ((uint)high >> 4 << (i + Half));
        }

        block->HighBits = highBits;
    }

    /// <inheritdoc/>
    public static void SetScale(Q5_1* block, float scale)
    {
        block->Scale = HalfTable.FromSingle(scale);
        block->Minimum = HalfTable.FromSingle(-15.5f * scale);
    }
}
