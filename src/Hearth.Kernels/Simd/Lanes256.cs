using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hearth.Kernels.Simd;

/// <summary>Sixteen floats in two vectors of 256 bits.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Lanes256>
{
    private readonly Vector256<float> _a;
    private readonly Vector256<float> _b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes256(Vector256<float> a, Vector256<float> b)
    {
        _a = a;
        _b = b;
    }

    public static bool HasManyRegisters
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Create(float value) => new(Vector256.Create(value), Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Vector256.Load(source), Vector256.Load(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Lanes256 value)
    {
        value._a.Store(destination);
        value._b.Store(destination + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Add(Lanes256 a, Lanes256 b) => new(a._a + b._a, a._b + b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Subtract(Lanes256 a, Lanes256 b) => new(a._a - b._a, a._b - b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Multiply(Lanes256 a, Lanes256 b) => new(a._a * b._a, a._b * b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Divide(Lanes256 a, Lanes256 b) => new(a._a / b._a, a._b / b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAdd(Lanes256 a, Lanes256 b, Lanes256 c) =>
        new(Vector256.FusedMultiplyAdd(a._a, b._a, c._a), Vector256.FusedMultiplyAdd(a._b, b._b, c._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Max(Lanes256 a, Lanes256 b) => new(Vector256.MaxNative(a._a, b._a), Vector256.MaxNative(a._b, b._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Min(Lanes256 a, Lanes256 b) => new(Vector256.MinNative(a._a, b._a), Vector256.MinNative(a._b, b._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SelectLess(Lanes256 a, Lanes256 b, Lanes256 ifLess, Lanes256 otherwise) =>
        new(
            Vector256.ConditionalSelect(Vector256.LessThan(a._a, b._a), ifLess._a, otherwise._a),
            Vector256.ConditionalSelect(Vector256.LessThan(a._b, b._b), ifLess._b, otherwise._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 PowerOfTwo(Lanes256 shifted) => new(Power(shifted._a), Power(shifted._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SwapPairs(Lanes256 value) => new(Swap(value._a), Swap(value._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes256 value) => FixedTree.Sum(value._a + value._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes256 value) => FixedTree.Max(Vector256.MaxNative(value._a, value._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(float* destination, Lanes256 a, Lanes256 b, Lanes256 c, Lanes256 d) =>
        FixedTree.StoreSums(destination, a._a + a._b, b._a + b._b, c._a + c._b, d._a + d._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadHalf(ushort* source) =>
        new(WidenHalf(source), WidenHalf(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadBFloat16(ushort* source) =>
        new(WidenBFloat16(source), WidenBFloat16(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadScaledHalf(ushort* source) => new(Widen(source), Widen(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(ushort* destination, Lanes256 value)
    {
        Vector256.Narrow(Round(value._a), Round(value._b)).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadLowerHalves(uint* source) =>
        new(Lower(source), Lower(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadUpperHalves(uint* source) =>
        new(Upper(source), Upper(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreUpperHalf(ushort* destination, Lanes256 value)
    {
        Vector256.Narrow(RoundUpper(value._a), RoundUpper(value._b)).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadSignedBytes(sbyte* source) =>
        new(Signed(source), Signed(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSignedBytes(sbyte* destination, Lanes256 value)
    {
        Vector256<short> words = Vector256.Narrow(RoundSigned(value._a), RoundSigned(value._b));
        Vector256.Narrow(words, Vector256<short>.Zero).GetLower().Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Power(Vector256<float> shifted) =>
        (Vector256.ShiftLeft(shifted.AsInt32(), 23) + Vector256.Create(0x3F800000)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Swap(Vector256<float> value) =>
        Vector256.Shuffle(value, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(ushort* source) =>
        (Vector256.ShiftLeft(Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe().AsInt16()), 13)
            & Vector256.Create(unchecked((int)0x8FFFE000))).AsSingle();

    // A subnormal half gets the least normal exponent, whose one in front of the point is then subtracted: subnormal floats on the way are slow on some processors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> WidenHalf(ushort* source)
    {
        Vector256<int> bits = Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe().AsInt16());
        Vector256<int> magnitude = (bits & Vector256.Create(0x7FFF)) << 13;
        Vector256<int> difference = Vector256.Create(112 << 23), least = Vector256.Create(113 << 23);
        Vector256<float> subnormal = (magnitude + least).AsSingle() - least.AsSingle();
        Vector256<int> beyond = Vector256.GreaterThan(magnitude, Vector256.Create((31 << 23) - 1)) & difference;
        Vector256<int> value = Vector256.ConditionalSelect(
            Vector256.GreaterThan(Vector256.Create(1 << 23), magnitude), subnormal.AsInt32(), magnitude + difference + beyond);
        return (value | (bits & Vector256.Create(int.MinValue))).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> WidenBFloat16(ushort* source) =>
        (Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe()) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Round(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<int> magnitude = Vector256.Min((bits & Vector256.Create(0x7FFFFFFFu)).AsInt32(), Vector256.Create(0x477FE000));
        Vector256<int> odd = (magnitude >> 13) & Vector256<int>.One;
        Vector256<int> half = (magnitude + odd - Vector256.Create(0x37FFF001)) >> 13;
        half &= Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(0x38800000));
        return ((bits >> 16) & Vector256.Create(0x8000u)) | half.AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Lower(uint* source) => Vector256.ShiftLeft(Vector256.Load(source), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Upper(uint* source) => (Vector256.Load(source) & Vector256.Create(0xFFFF0000u)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Signed(sbyte* source) => Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RoundUpper(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<uint> magnitude = Vector256.Min((bits & Vector256.Create(0x7FFFFFFFu)).AsInt32(), Vector256.Create(0x7F7F0000)).AsUInt32();
        Vector256<uint> rounded = magnitude + Vector256.Create(0x7FFFu) + ((magnitude >> 16) & Vector256<uint>.One);
        return ((bits & Vector256.Create(0x80000000u)) | rounded) >> 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> RoundSigned(Vector256<float> value)
    {
        Vector256<float> bounded = Vector256.MinNative(Vector256.MaxNative(value, Vector256.Create(-127f)), Vector256.Create(127f));
        Vector256<float> shifter = Vector256.Create(12582912f);
        return (bounded + shifter).AsInt32() - shifter.AsInt32();
    }
}
