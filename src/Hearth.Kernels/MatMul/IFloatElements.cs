using System.Runtime.CompilerServices;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.MatMul;

/// <summary>Weights without blocks, as <see cref="FloatDot"/> reads sixteen of them: the values of <see cref="BlockFormat.Decode"/>.</summary>
internal unsafe interface IFloatElements
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    /// <summary>Sixteen elements as floats, exactly.</summary>
    static abstract TLanes Load<TLanes>(byte* source)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>Elements of <see cref="F32"/>.</summary>
internal readonly unsafe struct F32Elements : IFloatElements
{
    /// <inheritdoc/>
    public static int Size => sizeof(float);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* source)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load((float*)source);
}

/// <summary>Elements of <see cref="F16"/>.</summary>
internal readonly unsafe struct F16Elements : IFloatElements
{
    /// <inheritdoc/>
    public static int Size => sizeof(ushort);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* source)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadHalf((ushort*)source);
}

/// <summary>Elements of <see cref="BF16"/>.</summary>
internal readonly unsafe struct BF16Elements : IFloatElements
{
    /// <inheritdoc/>
    public static int Size => sizeof(ushort);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* source)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadBFloat16((ushort*)source);
}
