using System.Runtime.Intrinsics;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// Rounds activations to 8 bits: scale = max|x| / 127, value = round(x * (127 / max|x|)), ties to even. A block whose largest magnitude
/// is below <see cref="Smallest"/> is zero; one with an infinity or a NaN gets the scale NaN, so that the fault shows in what depends on
/// it.
/// </summary>
internal static unsafe partial class ActivationQuantizer
{
    /// <summary>Below this, 127 / max|x| might not be finite.</summary>
    internal const float Smallest = 1e-30f;

    private const int Largest = 127;
    private const int NonFiniteBits = 0x7F80_0000;
    private const int SumElements = 16;

    /// <summary>Quantises one token to blocks of 32.</summary>
    /// <param name="source">The token's values.</param>
    /// <param name="columns">A multiple of 32.</param>
    /// <param name="destination">As many groups as hold the columns.</param>
    /// <param name="level">The instructions to use.</param>
    internal static void ToBlocks32(float* source, int columns, ActivationGroup32* destination, InstructionSetLevel level)
    {
        short* sums = stackalloc short[2];
        for (int column = 0; column < columns; destination++)
        {
            for (int b = 0; b < ActivationGroup32.Blocks; b++, column += ActivationGroup32.BlockElements)
            {
                sbyte* values = destination->Values + (b * ActivationGroup32.BlockElements);
                if (column < columns)
                {
                    destination->Scales[b] = Quantize(source + column, ActivationGroup32.BlockElements, values, sums, level);
                    destination->Sums[b] = sums[0] + sums[1];
                }
                else
                {
                    new Span<sbyte>(values, ActivationGroup32.BlockElements).Clear();
                    destination->Scales[b] = 0;
                    destination->Sums[b] = 0;
                }
            }
        }
    }

    /// <summary>Quantises one token to blocks of 256.</summary>
    /// <param name="source">The token's values.</param>
    /// <param name="columns">A multiple of 256.</param>
    /// <param name="destination">As many blocks as hold the columns.</param>
    /// <param name="level">The instructions to use.</param>
    internal static void ToBlocks256(float* source, int columns, ActivationBlock256* destination, InstructionSetLevel level)
    {
        for (int column = 0; column < columns; column += ActivationBlock256.Elements, destination++)
        {
            destination->Scale = Quantize(source + column, ActivationBlock256.Elements, destination->Values, destination->Sums16, level);
            for (int i = 0; i < ActivationBlock256.Elements / 32; i++)
            {
                destination->Sums32[i] = (short)(destination->Sums16[2 * i] + destination->Sums16[(2 * i) + 1]);
            }
        }
    }

    private static float Quantize(float* source, int count, sbyte* values, short* sums, InstructionSetLevel level)
    {
        bool reference = level == InstructionSetLevel.Scalar;
        int largestBits = reference ? LargestBitsReference(source, count) : LargestBits(source, count);
        float largest = BitConverter.Int32BitsToSingle(largestBits);
        if (largestBits >= NonFiniteBits || largest < Smallest)
        {
            new Span<sbyte>(values, count).Clear();
            new Span<short>(sums, count / SumElements).Clear();
            return largestBits >= NonFiniteBits ? float.NaN : 0;
        }

        float inverse = Largest / largest;
        if (reference)
        {
            RoundReference(source, count, inverse, values, sums);
        }
        else
        {
            Round(source, count, inverse, values, sums);
        }

        return largest / Largest;
    }

    /// <summary>The bits of the largest magnitude: those of floats without a sign are in the order of the values, NaN highest.</summary>
    private static int LargestBits(float* source, int count)
    {
        Vector128<int> magnitude = Vector128.Create(int.MaxValue);
        Vector128<int> largest = Vector128<int>.Zero;
        for (int i = 0; i < count; i += Vector128<int>.Count)
        {
            largest = Vector128.Max(largest, Vector128.Load((int*)source + i) & magnitude);
        }

        largest = Vector128.Max(largest, Vector128.Shuffle(largest, Vector128.Create(2, 3, 0, 1)));
        return Math.Max(largest.GetElement(0), largest.GetElement(1));
    }

    private static void Round(float* source, int count, float inverse, sbyte* values, short* sums)
    {
        Vector128<float> factor = Vector128.Create(inverse);
        for (int i = 0; i < count; i += SumElements)
        {
            Vector128<int> a = Round(source + i, factor), b = Round(source + i + 4, factor);
            Vector128<int> c = Round(source + i + 8, factor), d = Round(source + i + 12, factor);
            Vector128.NarrowWithSaturation(Vector128.NarrowWithSaturation(a, b), Vector128.NarrowWithSaturation(c, d)).Store(values + i);
            sums[i / SumElements] = (short)Vector128.Sum(a + b + c + d);
        }
    }

    private static Vector128<int> Round(float* source, Vector128<float> factor) =>
        Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(source) * factor));
}
