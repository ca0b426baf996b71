using System.Numerics;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// Rounds floats to the nearest half, to even in the middle. What no half holds stays as it is: a value beyond 65504 is better multiplied
/// exactly than lost. Element by element, so vectors of any width give the same bits.
/// </summary>
internal static class HalfRounding
{
    private const int LostBits = 13;
    private const int MantissaMask = ~((1 << LostBits) - 1);
    private const int AlmostMiddle = (1 << (LostBits - 1)) - 1;
    private const float SmallestNormal = 6.103515625e-5f;
    private const float Overflow = 65520f;

    // Its last place is that of the subnormal halves, 2^-24.
    private const float Subnormals = 0.75f;

    /// <summary>Writes the rounded values to the start of <paramref name="destination"/>.</summary>
    public static void Run(ReadOnlySpan<float> source, Span<float> destination)
    {
        int i = 0;
        for (; i <= source.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Round(new Vector<float>(source[i..])).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = Round(source[i]);
        }
    }

    /// <summary>The scalar twin.</summary>
    public static float Round(float x)
    {
        float magnitude = MathF.Abs(x);
        if (magnitude < SmallestNormal)
        {
            return x + Subnormals - Subnormals;
        }

        int bits = BitConverter.SingleToInt32Bits(x);
        return magnitude < Overflow ? BitConverter.Int32BitsToSingle((bits + AlmostMiddle + ((bits >>> LostBits) & 1)) & MantissaMask) : x;
    }

    private static Vector<float> Round(Vector<float> x)
    {
        Vector<float> magnitude = Vector.Abs(x);
        Vector<float> splitter = new(Subnormals);
        Vector<float> subnormal = x + splitter - splitter;
        Vector<int> bits = Vector.AsVectorInt32(x);
        Vector<int> odd = Vector.ShiftRightLogical(bits, LostBits) & Vector<int>.One;
        Vector<float> normal = Vector.AsVectorSingle((bits + new Vector<int>(AlmostMiddle) + odd) & new Vector<int>(MantissaMask));
        Vector<float> rounded = Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<float>(SmallestNormal)), subnormal, normal);
        return Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<float>(Overflow)), rounded, x);
    }
}
