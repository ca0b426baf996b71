using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary><see cref="KvElementType.F32"/>: floats, as they are.</summary>
internal readonly unsafe struct SingleElements : IKvElements
{
    public static int Size => sizeof(float);

    public static KvScaling Scaling => KvScaling.None;

    public static float QueryFactor => 1f;

    public static float ScoreFactor => 1f;

    public static float ProbabilityFactor => 1f;

    public static int Place(int index) => index;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LoadLower<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load((float*)pair);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LoadUpper<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load((float*)pair + 16);

    public static float Load(byte* elements, long place) => ((float*)elements)[place];

    public static void Encode<TLanes>(float* source, byte* destination, int count, float* scales)
        where TLanes : struct, ILanes<TLanes> => EncodeReference(source, destination, count, scales);

    public static void EncodeReference(float* source, byte* destination, int count, float* scales) =>
        new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(destination, count));
}
