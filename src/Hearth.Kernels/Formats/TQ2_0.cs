using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>256 ternary elements in 2 bits each: value = (code - 1) * scale; see <see cref="SuperBlock.TwoBitPlace"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct TQ2_0 : IEncodableFormat<TQ2_0>
{
    private const int Bytes = SuperBlock.Elements / 4;
    private const int Group = 32;
    private const int Groups = SuperBlock.Elements / Group;

    /// <summary>Four codes per byte.</summary>
    internal fixed byte Codes[Bytes];

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <inheritdoc/>
    public static TensorType Type => TensorType.TQ2_0;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    /// <inheritdoc/>
    public static void Decode(TQ2_0* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale);
        for (int group = 0; group < Groups; group++)
        {
            byte* codes = Place(block, group, out int shift);
            for (int i = 0; i < Group; i++)
            {
                *destination++ = (((codes[i] >> shift) & 3) - 1) * scale;
            }
        }
    }

    /// <inheritdoc/>
    public static void Encode<TLanes>(float* source, TQ2_0* block)
        where TLanes : struct, ILanes<TLanes>
    {
        *block = default;
        float scale = ScaleSearch.Store(MathF.Abs(ScaleSearch.Extreme(source, SuperBlock.Elements)), &block->Scale);
        float inverse = ScaleSearch.Inverse(scale);
        for (int group = 0; group < Groups; group++)
        {
            byte* codes = Place(block, group, out int shift);
            for (int i = 0; i < Group; i++)
            {
                codes[i] |= (byte)((ScaleSearch.Round(*source++ * inverse, -1, 1) + 1) << shift);
            }
        }
    }

    /// <inheritdoc/>
    public static void SetScale(TQ2_0* block, float scale)
    {
        // 3 is no ternary code: it becomes 2.
        ulong* words = (ulong*)block->Codes;
        for (int i = 0; i < Bytes / sizeof(ulong); i++)
        {
            words[i] &= ~(words[i] >> 1 & 0x5555_5555_5555_5555);
        }

        block->Scale = HalfTable.FromSingle(scale);
    }

    private static byte* Place(TQ2_0* block, int group, out int shift)
    {
        shift = group % 4 * 2;
        return block->Codes + (group / 4 * Group);
    }
}
