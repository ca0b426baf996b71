using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hearth.Kernels.Simd;

/// <summary>Sixteen floats in one vector of 512 bits.</summary>
internal readonly unsafe struct Lanes512 : ILanes<Lanes512>
{
    private readonly Vector512<float> _a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes512(Vector512<float> a)
    {
        _a = a;
    }

    public static bool HasManyRegisters
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Lanes512 value)
    {
        value._a.Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Add(Lanes512 a, Lanes512 b) => new(a._a + b._a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Subtract(Lanes512 a, Lanes512 b) => new(a._a - b._a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Multiply(Lanes512 a, Lanes512 b) => new(a._a * b._a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Divide(Lanes512 a, Lanes512 b) => new(a._a / b._a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAdd(Lanes512 a, Lanes512 b, Lanes512 c) => new(Vector512.FusedMultiplyAdd(a._a, b._a, c._a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Max(Lanes512 a, Lanes512 b) => new(Vector512.MaxNative(a._a, b._a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Min(Lanes512 a, Lanes512 b) => new(Vector512.MinNative(a._a, b._a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SelectLess(Lanes512 a, Lanes512 b, Lanes512 ifLess, Lanes512 otherwise) =>
        new(
            Vector512.ConditionalSelect(Vector512.LessThan(a._a, b._a), ifLess._a, otherwise._a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 PowerOfTwo(Lanes512 shifted) => new(Power(shifted._a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SwapPairs(Lanes512 value) => new(Swap(value._a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes512 value) => FixedTree.Sum(value._a.GetLower() + value._a.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes512 value) => FixedTree.Max(Vector256.MaxNative(value._a.GetLower(), value._a.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(float* destination, Lanes512 a, Lanes512 b, Lanes512 c, Lanes512 d) =>
        FixedTree.StoreSums(
            destination,
            a._a.GetLower() + a._a.GetUpper(),
            b._a.GetLower() + b._a.GetUpper(),
            c._a.GetLower() + c._a.GetUpper(),
            d._a.GetLower() + d._a.GetUpper());

    // The exponent of a half chooses what is added to its bits: the difference of the biases, once more to reach that of infinities. A subnormal half gets the least normal exponent, whose one in front of the point is then subtracted.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadHalf(ushort* source)
    {
        Vector512<int> difference = Vector512.Create(112 << 23);
        Vector512<int> bits = Vector512.WidenLower(Vector256.Load(source).ToVector512Unsafe().AsInt16());
        Vector512<int> exponent = bits >> 10;
        Vector512<int> shift = Avx512F.PermuteVar16x32x2(difference.WithElement(0, 113 << 23), exponent, difference.WithElement(15, 224 << 23));
        Vector512<float> leadingOne = Avx512F.PermuteVar16x32x2(
            Vector512<float>.Zero.WithElement(0, 1f / 16384), exponent, Vector512<float>.Zero);
        Vector512<int> magnitude = ((bits << 13) & Vector512.Create(0x0FFF_FFFF)) + shift;
        Vector512<int> value = (magnitude.AsSingle() - leadingOne).AsInt32();
        return new((value | (bits & Vector512.Create(int.MinValue))).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadBFloat16(ushort* source) =>
        new((Vector512.WidenLower(Vector256.Load(source).ToVector512Unsafe()) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadScaledHalf(ushort* source) => new(Widen(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(ushort* destination, Lanes512 value)
    {
        Vector512.Narrow(Round(value._a), Vector512<uint>.Zero).GetLower().Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadLowerHalves(uint* source) =>
        new(Lower(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadUpperHalves(uint* source) =>
        new(Upper(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreUpperHalf(ushort* destination, Lanes512 value)
    {
        Vector512.Narrow(RoundUpper(value._a), Vector512<uint>.Zero).GetLower().Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadSignedBytes(sbyte* source) =>
        new(Signed(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSignedBytes(sbyte* destination, Lanes512 value)
    {
        Vector256<short> words = Vector512.Narrow(RoundSigned(value._a), Vector512<int>.Zero).GetLower();
        Vector256.Narrow(words, Vector256<short>.Zero).GetLower().Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Power(Vector512<float> shifted) =>
        (Vector512.ShiftLeft(shifted.AsInt32(), 23) + Vector512.Create(0x3F800000)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Swap(Vector512<float> value) =>
        Vector512.Shuffle(value, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(ushort* source) =>
        (Vector512.ShiftLeft(Vector512.WidenLower(Vector256.Load(source).ToVector512Unsafe().AsInt16()), 13)
            & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Round(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<int> magnitude = Vector512.Min((bits & Vector512.Create(0x7FFFFFFFu)).AsInt32(), Vector512.Create(0x477FE000));
        Vector512<int> odd = (magnitude >> 13) & Vector512<int>.One;
        Vector512<int> half = (magnitude + odd - Vector512.Create(0x37FFF001)) >> 13;
        half &= Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(0x38800000));
        return ((bits >> 16) & Vector512.Create(0x8000u)) | half.AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Lower(uint* source) => Vector512.ShiftLeft(Vector512.Load(source), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Upper(uint* source) => (Vector512.Load(source) & Vector512.Create(0xFFFF0000u)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Signed(sbyte* source) => Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> RoundUpper(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> magnitude = Vector512.Min((bits & Vector512.Create(0x7FFFFFFFu)).AsInt32(), Vector512.Create(0x7F7F0000)).AsUInt32();
        Vector512<uint> rounded = magnitude + Vector512.Create(0x7FFFu) + ((magnitude >> 16) & Vector512<uint>.One);
        return ((bits & Vector512.Create(0x80000000u)) | rounded) >> 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> RoundSigned(Vector512<float> value)
    {
        Vector512<float> bounded = Vector512.MinNative(Vector512.MaxNative(value, Vector512.Create(-127f)), Vector512.Create(127f));
        Vector512<float> shifter = Vector512.Create(12582912f);
        return (bounded + shifter).AsInt32() - shifter.AsInt32();
    }
}
