using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hearth.Kernels.MatMul.Lanes;

/// <summary>Sixteen tokens with AVX-512.</summary>
internal readonly unsafe struct Avx512Lanes : ILaneOperations<Vector512<int>>
{
    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    public static bool HasDotBytes => false;

    /// <inheritdoc/>
    public static Vector512<int> Zero => Vector512<int>.Zero;

    /// <inheritdoc/>
    public static Vector512<int> OneShorts => Vector512<short>.One.AsInt32();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(void* source) =>
        Vector512.Load((int*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<int> value, void* destination) =>
        value.Store((int*)destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(void* source) =>
        Vector512.Create(*(int*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyBytes(Vector512<int> unsigned, Vector512<int> signed) =>
        Avx512BW.MultiplyAddAdjacent(unsigned.AsByte(), signed.AsSByte()).AsInt32();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyShorts(Vector512<int> a, Vector512<int> b) =>
        Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> DotBytes(Vector512<int> sum, Vector512<int> unsigned, Vector512<int> signed) =>
        sum + MultiplyShorts(EvenBytes(unsigned) & Vector512.Create(0x00FF_00FF), EvenBytes(signed))
        + MultiplyShorts((unsigned.AsUInt16() >>> 8).AsInt32(), OddBytes(signed));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> EvenBytes(Vector512<int> value) =>
        ((value.AsInt16() << 8) >> 8).AsInt32();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> OddBytes(Vector512<int> value) =>
        (value.AsInt16() >> 8).AsInt32();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> AddShorts(Vector512<int> a, Vector512<int> b) =>
        (a.AsInt16() + b.AsInt16()).AsInt32();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> a, Vector512<int> b) =>
        a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyInts(Vector512<int> a, Vector512<int> b) =>
        a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> SubtractShifted(Vector512<int> a, Vector512<int> b, int shift) =>
        a - (b << shift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ToFloats(Vector512<int> value) =>
        Avx512F.ConvertToVector512Single(value).AsInt32();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> AddFloats(Vector512<int> a, Vector512<int> b) =>
        (a.AsSingle() + b.AsSingle()).AsInt32();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Multiply(Vector512<int> a, Vector512<int> b) =>
        (a.AsSingle() * b.AsSingle()).AsInt32();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> a, Vector512<int> b, Vector512<int> c) =>
        Avx512F.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsInt32();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplySubtractFrom(Vector512<int> a, Vector512<int> b, Vector512<int> c) =>
        Avx512F.FusedMultiplyAddNegated(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsInt32();
}
