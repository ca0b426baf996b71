namespace Hearth.Kernels.Simd;

/// <summary>
/// Sixteen floats, in one vector or several. Kernels are written once over it: whatever the width, lane i sees the same operations in the
/// same order, so that all levels give the same bits. Implementations: <see cref="Lanes512"/>, <see cref="Lanes256"/>,
/// <see cref="Lanes128"/>.
/// </summary>
/// <typeparam name="TSelf">The implementation.</typeparam>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Whether 24 values fit in registers; otherwise about six do.</summary>
    static abstract bool HasManyRegisters { get; }

    static abstract TSelf Create(float value);

    static abstract TSelf Load(float* source);

    static abstract void Store(float* destination, TSelf value);

    static abstract TSelf Add(TSelf a, TSelf b);

    static abstract TSelf Subtract(TSelf a, TSelf b);

    static abstract TSelf Multiply(TSelf a, TSelf b);

    static abstract TSelf Divide(TSelf a, TSelf b);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger of two numbers; which one for not-a-number is not defined.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>Lane by lane: a &lt; b ? ifLess : otherwise.</summary>
    static abstract TSelf SelectLess(TSelf a, TSelf b, TSelf ifLess, TSelf otherwise);

    /// <summary>2^n for an argument n + 1.5 * 2^23 with an integer n in -126 to 127.</summary>
    static abstract TSelf PowerOfTwo(TSelf shifted);

    /// <summary>Exchanges lanes 2i and 2i+1.</summary>
    static abstract TSelf SwapPairs(TSelf value);

    /// <summary>The sum in the canonical tree: lane i + lane i+8, then +4, +2, +1.</summary>
    static abstract float Sum(TSelf value);

    /// <summary>The largest lane.</summary>
    static abstract float MaxAcross(TSelf value);

    /// <summary>
    /// Writes the sums of four values next to each other, each in the canonical tree: lane i + lane i+8, then +4, +2, +1.
    /// </summary>
    static abstract void StoreSums(float* destination, TSelf a, TSelf b, TSelf c, TSelf d);

    /// <summary>Sixteen halves of any kind, exactly.</summary>
    static abstract TSelf LoadHalf(ushort* source);

    /// <summary>Sixteen bfloat16 numbers of any kind, exactly.</summary>
    static abstract TSelf LoadBFloat16(ushort* source);

    /// <summary>Sixteen normal or zero halves times 2^-112, exactly.</summary>
    static abstract TSelf LoadScaledHalf(ushort* source);

    /// <summary>
    /// Rounds to halves, to nearest even. What is smaller than the least normal half becomes zero, what is larger than the largest, that.
    /// </summary>
    static abstract void StoreHalf(ushort* destination, TSelf value);

    /// <summary>The lower 16 bits of sixteen words, as the upper halves of floats.</summary>
    static abstract TSelf LoadLowerHalves(uint* source);

    /// <summary>The upper 16 bits of sixteen words, as the upper halves of floats.</summary>
    static abstract TSelf LoadUpperHalves(uint* source);

    /// <summary>Rounds to the upper halves of floats (BF16), to nearest even. What is larger than the largest becomes that.</summary>
    static abstract void StoreUpperHalf(ushort* destination, TSelf value);

    /// <summary>Sixteen integers of 8 bits.</summary>
    static abstract TSelf LoadSignedBytes(sbyte* source);

    /// <summary>Rounds numbers to integers of 8 bits, to nearest even, at most 127 away from zero.</summary>
    static abstract void StoreSignedBytes(sbyte* destination, TSelf value);
}
