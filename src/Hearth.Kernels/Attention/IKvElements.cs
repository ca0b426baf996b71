using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary>How kernels read sixteen elements of keys or values.</summary>
internal unsafe interface IKvElements
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    static abstract TLanes Load<TLanes>(byte* source)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>Halves, read as 2^-112 of themselves.</summary>
internal readonly unsafe struct HalfElements : IKvElements
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* source)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadScaledHalf((ushort*)source);
}

/// <summary>Floats, as they are.</summary>
internal readonly unsafe struct SingleElements : IKvElements
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* source)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load((float*)source);
}
