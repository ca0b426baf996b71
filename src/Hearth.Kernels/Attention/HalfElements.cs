using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary><see cref="KvElementType.F16"/>: halves, read as 2^-112 of themselves.</summary>
internal readonly unsafe struct HalfElements : IKvElements
{
    /// <summary>
    /// Halves load as 2^-112 of themselves; queries and scores make up for half of it each, so that neither leaves the range.
    /// </summary>
    private const float HalfOfLoadFactor = 72057594037927936f;

    public static int Size => sizeof(ushort);

    public static KvScaling Scaling => KvScaling.Vector;

    public static float QueryFactor => HalfOfLoadFactor;

    public static float ScoreFactor => HalfOfLoadFactor;

    public static float ProbabilityFactor => ScaledHalves.LoadFactor;

    public static int Place(int index) => index;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LoadLower<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadScaledHalf((ushort*)pair);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LoadUpper<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadScaledHalf((ushort*)pair + 16);

    public static float Load(byte* elements, long place) => ScaledHalves.Load(((ushort*)elements)[place]);

    public static void Encode<TLanes>(float* source, byte* destination, int count, float* scales)
        where TLanes : struct, ILanes<TLanes> => scales[0] = ScaledHalves.Encode<TLanes>(source, (ushort*)destination, count);

    public static void EncodeReference(float* source, byte* destination, int count, float* scales) =>
        scales[0] = ScaledHalves.EncodeReference(source, (ushort*)destination, count);
}
