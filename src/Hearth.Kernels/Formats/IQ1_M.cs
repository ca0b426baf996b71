using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements in groups of 8, each a vector of <see cref="IQ1_S.Grid"/>: value = blockScale * (2 scale + 1) * (vector + shift), a 3-bit
/// scale per 16 and a shift of 1/8 or -1/8 per 8.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct IQ1_M : IBlockFormat<IQ1_M>
{
    /// <summary>Per group: the low eight bits of a vector's index.</summary>
    internal fixed byte Codes[32];

    /// <summary>A nibble per group, low ones first: the high three bits of the index, and the sign of the shift.</summary>
    internal fixed byte HighBits[16];

    /// <summary>Per 64 elements: four scales of 3 bits, from the lowest; on top a nibble of the block's scale, a half.</summary>
    internal fixed ushort SubScales[4];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.IQ1_M;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    /// <inheritdoc/>
    public static void Decode(IQ1_M* block, float* destination)
    {
        int bits = 0;
        for (int i = 0; i < 4; i++)
        {
            bits |= block->SubScales[i] >> 12 << (4 * i);
        }

        float blockScale = HalfTable.ToSingle((ushort)bits);
        for (int group = 0; group < 32; group++)
        {
            int high = block->HighBits[group / 2] >> (group % 2 * 4);
            int index = block->Codes[group] | ((high & 7) << 8);
            float scale = blockScale * ((2 * ((block->SubScales[group / 8] >> (group / 2 % 4 * 3)) & 7)) + 1);
            IQ1_S.Expand(IQ1_S.Grid + (index * 8), scale, (high & 8) != 0, destination);
            destination += 8;
        }
    }

    /// <inheritdoc/>
    public static void SetScale(IQ1_M* block, float scale)
    {
        int bits = HalfTable.FromSingle(scale / 8);
        for (int i = 0; i < 4; i++)
        {
            block->SubScales[i] = (ushort)((block->SubScales[i] & 0x0FFF) | (((bits >> (4 * i)) & 15) << 12));
        }
    }
}
