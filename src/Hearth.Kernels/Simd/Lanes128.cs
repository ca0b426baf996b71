using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hearth.Kernels.Simd;

/// <summary>Sixteen floats in four vectors of 128 bits.</summary>
internal readonly unsafe struct Lanes128 : ILanes<Lanes128>
{
    private readonly Vector128<float> _a;
    private readonly Vector128<float> _b;
    private readonly Vector128<float> _c;
    private readonly Vector128<float> _d;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes128(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        _a = a;
        _b = b;
        _c = c;
        _d = d;
    }

    public static bool HasManyRegisters
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Create(float value) =>
        new(Vector128.Create(value), Vector128.Create(value), Vector128.Create(value), Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) =>
        new(Vector128.Load(source), Vector128.Load(source + 4), Vector128.Load(source + 8), Vector128.Load(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Lanes128 value)
    {
        value._a.Store(destination);
        value._b.Store(destination + 4);
        value._c.Store(destination + 8);
        value._d.Store(destination + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Add(Lanes128 a, Lanes128 b) => new(a._a + b._a, a._b + b._b, a._c + b._c, a._d + b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Subtract(Lanes128 a, Lanes128 b) => new(a._a - b._a, a._b - b._b, a._c - b._c, a._d - b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Multiply(Lanes128 a, Lanes128 b) => new(a._a * b._a, a._b * b._b, a._c * b._c, a._d * b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Divide(Lanes128 a, Lanes128 b) => new(a._a / b._a, a._b / b._b, a._c / b._c, a._d / b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAdd(Lanes128 a, Lanes128 b, Lanes128 c) =>
        new(
            Vector128.FusedMultiplyAdd(a._a, b._a, c._a),
            Vector128.FusedMultiplyAdd(a._b, b._b, c._b),
            Vector128.FusedMultiplyAdd(a._c, b._c, c._c),
            Vector128.FusedMultiplyAdd(a._d, b._d, c._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Max(Lanes128 a, Lanes128 b) =>
        new(
            Vector128.MaxNative(a._a, b._a),
            Vector128.MaxNative(a._b, b._b),
            Vector128.MaxNative(a._c, b._c),
            Vector128.MaxNative(a._d, b._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Min(Lanes128 a, Lanes128 b) =>
        new(
            Vector128.MinNative(a._a, b._a),
            Vector128.MinNative(a._b, b._b),
            Vector128.MinNative(a._c, b._c),
            Vector128.MinNative(a._d, b._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SelectLess(Lanes128 a, Lanes128 b, Lanes128 ifLess, Lanes128 otherwise) =>
        new(
            Vector128.ConditionalSelect(Vector128.LessThan(a._a, b._a), ifLess._a, otherwise._a),
            Vector128.ConditionalSelect(Vector128.LessThan(a._b, b._b), ifLess._b, otherwise._b),
            Vector128.ConditionalSelect(Vector128.LessThan(a._c, b._c), ifLess._c, otherwise._c),
            Vector128.ConditionalSelect(Vector128.LessThan(a._d, b._d), ifLess._d, otherwise._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 PowerOfTwo(Lanes128 shifted) =>
        new(Power(shifted._a), Power(shifted._b), Power(shifted._c), Power(shifted._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SwapPairs(Lanes128 value) => new(Swap(value._a), Swap(value._b), Swap(value._c), Swap(value._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes128 value) => FixedTree.Sum((value._a + value._c) + (value._b + value._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes128 value) =>
        FixedTree.Max(Vector128.MaxNative(Vector128.MaxNative(value._a, value._c), Vector128.MaxNative(value._b, value._d)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(float* destination, Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d) =>
        Vector128.Create(Sum(a), Sum(b), Sum(c), Sum(d)).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadHalf(ushort* source) =>
        new(WidenHalf(source), WidenHalf(source + 4), WidenHalf(source + 8), WidenHalf(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadBFloat16(ushort* source) =>
        new(WidenBFloat16(source), WidenBFloat16(source + 4), WidenBFloat16(source + 8), WidenBFloat16(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadScaledHalf(ushort* source) =>
        new(Widen(source), Widen(source + 4), Widen(source + 8), Widen(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(ushort* destination, Lanes128 value)
    {
        Vector128.Narrow(Round(value._a), Round(value._b)).Store(destination);
        Vector128.Narrow(Round(value._c), Round(value._d)).Store(destination + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadLowerHalves(uint* source) =>
        new(Lower(source), Lower(source + 4), Lower(source + 8), Lower(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadUpperHalves(uint* source) =>
        new(Upper(source), Upper(source + 4), Upper(source + 8), Upper(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreUpperHalf(ushort* destination, Lanes128 value)
    {
        Vector128.Narrow(RoundUpper(value._a), RoundUpper(value._b)).Store(destination);
        Vector128.Narrow(RoundUpper(value._c), RoundUpper(value._d)).Store(destination + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadSignedBytes(sbyte* source)
    {
        Vector128<sbyte> bytes = Vector128.Load(source);
        Vector128<short> first = Vector128.WidenLower(bytes);
        Vector128<short> second = Vector128.WidenUpper(bytes);
        return new(
            Vector128.ConvertToSingle(Vector128.WidenLower(first)),
            Vector128.ConvertToSingle(Vector128.WidenUpper(first)),
            Vector128.ConvertToSingle(Vector128.WidenLower(second)),
            Vector128.ConvertToSingle(Vector128.WidenUpper(second)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSignedBytes(sbyte* destination, Lanes128 value)
    {
        Vector128<short> first = Vector128.Narrow(RoundSigned(value._a), RoundSigned(value._b));
        Vector128<short> second = Vector128.Narrow(RoundSigned(value._c), RoundSigned(value._d));
        Vector128.Narrow(first, second).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Power(Vector128<float> shifted) =>
        (Vector128.ShiftLeft(shifted.AsInt32(), 23) + Vector128.Create(0x3F800000)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Swap(Vector128<float> value) =>
        Vector128.Shuffle(value, Vector128.Create(1, 0, 3, 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Widen(ushort* source) =>
        (Vector128.ShiftLeft(Vector128.WidenLower(Vector64.Load(source).ToVector128Unsafe().AsInt16()), 13)
            & Vector128.Create(unchecked((int)0x8FFFE000))).AsSingle();

    // A subnormal half gets the least normal exponent, whose one in front of the point is then subtracted: subnormal floats on the way are slow on some processors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> WidenHalf(ushort* source)
    {
        Vector128<int> bits = Vector128.WidenLower(Vector64.Load(source).ToVector128Unsafe().AsInt16());
        Vector128<int> magnitude = (bits & Vector128.Create(0x7FFF)) << 13;
        Vector128<int> difference = Vector128.Create(112 << 23), least = Vector128.Create(113 << 23);
        Vector128<float> subnormal = (magnitude + least).AsSingle() - least.AsSingle();
        Vector128<int> beyond = Vector128.GreaterThan(magnitude, Vector128.Create((31 << 23) - 1)) & difference;
        Vector128<int> value = Vector128.ConditionalSelect(
            Vector128.GreaterThan(Vector128.Create(1 << 23), magnitude), subnormal.AsInt32(), magnitude + difference + beyond);
        return (value | (bits & Vector128.Create(int.MinValue))).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> WidenBFloat16(ushort* source) =>
        (Vector128.WidenLower(Vector64.Load(source).ToVector128Unsafe()) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Round(Vector128<float> value)
    {
        Vector128<uint> bits = value.AsUInt32();
        Vector128<int> magnitude = Vector128.Min((bits & Vector128.Create(0x7FFFFFFFu)).AsInt32(), Vector128.Create(0x477FE000));
        Vector128<int> odd = (magnitude >> 13) & Vector128<int>.One;
        Vector128<int> half = (magnitude + odd - Vector128.Create(0x37FFF001)) >> 13;
        half &= Vector128.GreaterThanOrEqual(magnitude, Vector128.Create(0x38800000));
        return ((bits >> 16) & Vector128.Create(0x8000u)) | half.AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Lower(uint* source) => Vector128.ShiftLeft(Vector128.Load(source), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Upper(uint* source) => (Vector128.Load(source) & Vector128.Create(0xFFFF0000u)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> RoundUpper(Vector128<float> value)
    {
        Vector128<uint> bits = value.AsUInt32();
        Vector128<uint> magnitude = Vector128.Min((bits & Vector128.Create(0x7FFFFFFFu)).AsInt32(), Vector128.Create(0x7F7F0000)).AsUInt32();
        Vector128<uint> rounded = magnitude + Vector128.Create(0x7FFFu) + ((magnitude >> 16) & Vector128<uint>.One);
        return ((bits & Vector128.Create(0x80000000u)) | rounded) >> 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> RoundSigned(Vector128<float> value)
    {
        Vector128<float> bounded = Vector128.MinNative(Vector128.MaxNative(value, Vector128.Create(-127f)), Vector128.Create(127f));
        Vector128<float> shifter = Vector128.Create(12582912f);
        return (bounded + shifter).AsInt32() - shifter.AsInt32();
    }
}
