namespace Hearth.Kernels.MatMul.Lanes;

/// <summary>
/// Vectors with an element per token, for the kernels of many tokens. Every vector is seen as 32-bit integers; the operations say what
/// they take it for.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface ILaneOperations<TVector>
    where TVector : struct
{
    /// <summary>Tokens in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Whether <see cref="DotBytes"/> is one instruction.</summary>
    static abstract bool HasDotBytes { get; }

    /// <summary>All zero.</summary>
    static abstract TVector Zero { get; }

    /// <summary>16-bit ones.</summary>
    static abstract TVector OneShorts { get; }

    /// <summary>Loads a vector.</summary>
    static abstract TVector Load(void* source);

    /// <summary>Stores a vector.</summary>
    static abstract void Store(TVector value, void* destination);

    /// <summary>Four bytes in every element.</summary>
    static abstract TVector Broadcast(void* source);

    /// <summary>Sums of the products of two neighbouring bytes, in 16 bits.</summary>
    static abstract TVector MultiplyBytes(TVector unsigned, TVector signed);

    /// <summary>Sums of the products of two neighbouring 16-bit integers, in 32 bits.</summary>
    static abstract TVector MultiplyShorts(TVector a, TVector b);

    /// <summary>Adds the sums of the products of four neighbouring bytes to 32-bit integers.</summary>
    static abstract TVector DotBytes(TVector sum, TVector unsigned, TVector signed);

    /// <summary>Bytes 0 and 2 of every four, as 16-bit integers.</summary>
    static abstract TVector EvenBytes(TVector value);

    /// <summary>Bytes 1 and 3 of every four, as 16-bit integers.</summary>
    static abstract TVector OddBytes(TVector value);

    /// <summary>Adds 16-bit integers.</summary>
    static abstract TVector AddShorts(TVector a, TVector b);

    /// <summary>Adds 32-bit integers.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>Multiplies 32-bit integers; the low halves of the products.</summary>
    static abstract TVector MultiplyInts(TVector a, TVector b);

    /// <summary>Subtracts b * 2^shift, 32-bit integers.</summary>
    static abstract TVector SubtractShifted(TVector a, TVector b, int shift);

    /// <summary>Converts 32-bit integers to floats.</summary>
    static abstract TVector ToFloats(TVector value);

    /// <summary>Adds floats.</summary>
    static abstract TVector AddFloats(TVector a, TVector b);

    /// <summary>Multiplies floats.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>c - a * b, rounded once.</summary>
    static abstract TVector MultiplySubtractFrom(TVector a, TVector b, TVector c);
}
