using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary>
/// <see cref="KvElementType.BF16"/>: the upper halves of floats. Elements i and i + 16 of 32 lie side by side in one word of 32 bits, the
/// first in its lower half, so that a shift reads sixteen of them and a mask the other sixteen.
/// </summary>
internal readonly unsafe struct BFloat16Elements : IKvElements
{
    public static int Size => sizeof(ushort);

    public static KvScaling Scaling => KvScaling.None;

    public static float QueryFactor => 1f;

    public static float ScoreFactor => 1f;

    public static float ProbabilityFactor => 1f;

    public static int Place(int index) => ((index & 15) << 1) | (index >> 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LoadLower<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadLowerHalves((uint*)pair);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LoadUpper<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadUpperHalves((uint*)pair);

    public static float Load(byte* elements, long place) => BitConverter.Int32BitsToSingle(((ushort*)elements)[place] << 16);

    public static void Encode<TLanes>(float* source, byte* destination, int count, float* scales)
        where TLanes : struct, ILanes<TLanes>
    {
        ushort* to = (ushort*)destination;
        int whole = count & ~15;
        for (int i = 0; i < whole; i += 16)
        {
            TLanes.StoreUpperHalf(to + i, TLanes.Load(source + i));
        }

        EncodeReference(source + whole, (byte*)(to + whole), count - whole, scales);
    }

    public static void EncodeReference(float* source, byte* destination, int count, float* scales)
    {
        for (int i = 0; i < count; i++)
        {
            ((ushort*)destination)[i] = Round(source[i]);
        }
    }

    /// <summary>The nearest finite number, with an even last bit between two.</summary>
    internal static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint magnitude = Math.Min(bits & 0x7FFF_FFFF, 0x7F7F_0000);
        return (ushort)(((bits & 0x8000_0000) | (magnitude + 0x7FFF + ((magnitude >> 16) & 1))) >> 16);
    }
}
