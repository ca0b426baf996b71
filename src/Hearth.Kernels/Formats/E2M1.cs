using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>The doubled 4-bit floats (sign, two exponent bits, one mantissa bit) of <see cref="MXFP4"/> and <see cref="NVFP4"/>.</summary>
internal static unsafe class E2M1
{
    /// <summary>The largest value.</summary>
    internal const int Largest = 12;

    /// <summary>Twice the value of each code: integers.</summary>
    internal static ReadOnlySpan<sbyte> Values => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>Writes 2 * <paramref name="bytes"/> values: those of the low nibbles, then those of the high ones.</summary>
    internal static void Expand(byte* codes, int bytes, float scale, float* destination)
    {
        ReadOnlySpan<sbyte> values = Values;
        for (int i = 0; i < bytes; i++)
        {
            destination[i] = values[codes[i] & 15] * scale;
            destination[i + bytes] = values[codes[i] >> 4] * scale;
        }
    }

    /// <summary>Rounds values, given their scale, to a code per byte, and returns the sum of the squared errors.</summary>
    /// <param name="source">The values.</param>
    /// <param name="count">A multiple of 16.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="codes">Where the codes go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Round<TLanes>(float* source, int count, float scale, byte* codes)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes zero = TLanes.Create(0f), inverse = TLanes.Create(ScaleSearch.Inverse(scale)), negative = TLanes.Create(-scale), errors = zero;
        int* rounded = stackalloc int[ScaleSearch.Candidates];
        for (int i = 0; i < count; i += ScaleSearch.Candidates)
        {
            TLanes exact = TLanes.Load(source + i), value = TLanes.Multiply(exact, inverse);
            TLanes magnitude = TLanes.Max(value, TLanes.Subtract(zero, value)), code = zero, nearest = zero;
            Step(0.5f, 1, 1, magnitude, ref code, ref nearest);
            Step(1.5f, 2, 2, magnitude, ref code, ref nearest);
            Step(2.5f, 3, 3, magnitude, ref code, ref nearest);
            Step(3.5f, 4, 4, magnitude, ref code, ref nearest);
            Step(5, 5, 6, magnitude, ref code, ref nearest);
            Step(7, 6, 8, magnitude, ref code, ref nearest);
            Step(10, 7, Largest, magnitude, ref code, ref nearest);
            TLanes error = TLanes.MultiplyAdd(nearest, negative, TLanes.Max(exact, TLanes.Subtract(zero, exact)));
            errors = TLanes.MultiplyAdd(error, error, errors);
            code = TLanes.SelectLess(value, TLanes.Create(-0.5f), TLanes.Add(code, TLanes.Create(8f)), code);
            TLanes.Store((float*)rounded, TLanes.Add(code, TLanes.Create(ScaleSearch.Rounder)));
            CodePacking.Narrow(rounded, codes + i);
        }

        return TLanes.Sum(errors);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TLanes>(float middle, float index, float next, TLanes magnitude, ref TLanes code, ref TLanes nearest)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes from = TLanes.Create(middle);
        code = TLanes.SelectLess(from, magnitude, TLanes.Create(index), code);
        nearest = TLanes.SelectLess(from, magnitude, TLanes.Create(next), nearest);
    }
}
