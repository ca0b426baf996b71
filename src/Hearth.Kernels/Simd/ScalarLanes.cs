using System.Runtime.CompilerServices;

namespace Hearth.Kernels.Simd;

/// <summary>Sixteen floats, one operation at a time: what the vectors must agree with.</summary>
[InlineArray(Count)]
internal unsafe struct ScalarLanes : ILanes<ScalarLanes>
{
    private const int Count = 16;
    private float _first;

    public static bool HasManyRegisters => false;

    public static ScalarLanes Create(float value)
    {
        ScalarLanes lanes = default;
        lanes[..].Fill(value);
        return lanes;
    }

    public static ScalarLanes Load(float* source)
    {
        ScalarLanes lanes = default;
        new ReadOnlySpan<float>(source, Count).CopyTo(lanes);
        return lanes;
    }

    public static void Store(float* destination, ScalarLanes value) => value[..].CopyTo(new Span<float>(destination, Count));

    public static ScalarLanes Add(ScalarLanes a, ScalarLanes b)
    {
        for (int i = 0; i < Count; i++)
        {
            a[i] += b[i];
        }

        return a;
    }

    public static ScalarLanes Subtract(ScalarLanes a, ScalarLanes b)
    {
        for (int i = 0; i < Count; i++)
        {
            a[i] -= b[i];
        }

        return a;
    }

    public static ScalarLanes Multiply(ScalarLanes a, ScalarLanes b)
    {
        for (int i = 0; i < Count; i++)
        {
            a[i] *= b[i];
        }

        return a;
    }

    public static ScalarLanes Divide(ScalarLanes a, ScalarLanes b)
    {
        for (int i = 0; i < Count; i++)
        {
            a[i] /= b[i];
        }

        return a;
    }

    public static ScalarLanes MultiplyAdd(ScalarLanes a, ScalarLanes b, ScalarLanes c)
    {
        for (int i = 0; i < Count; i++)
        {
            a[i] = MathF.FusedMultiplyAdd(a[i], b[i], c[i]);
        }

        return a;
    }

    public static ScalarLanes Max(ScalarLanes a, ScalarLanes b)
    {
        for (int i = 0; i < Count; i++)
        {
            a[i] = float.MaxNative(a[i], b[i]);
        }

        return a;
    }

    public static ScalarLanes Min(ScalarLanes a, ScalarLanes b)
    {
        for (int i = 0; i < Count; i++)
        {
            a[i] = float.MinNative(a[i], b[i]);
        }

        return a;
    }

    public static ScalarLanes SelectLess(ScalarLanes a, ScalarLanes b, ScalarLanes ifLess, ScalarLanes otherwise)
    {
        for (int i = 0; i < Count; i++)
        {
            a[i] = a[i] < b[i] ? ifLess[i] : otherwise[i];
        }

        return a;
    }

    public static ScalarLanes PowerOfTwo(ScalarLanes shifted)
    {
        for (int i = 0; i < Count; i++)
        {
            shifted[i] = BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(shifted[i]) << 23) + 0x3F80_0000);
        }

        return shifted;
    }

    public static ScalarLanes SwapPairs(ScalarLanes value)
    {
        for (int i = 0; i < Count; i += 2)
        {
            (value[i], value[i + 1]) = (value[i + 1], value[i]);
        }

        return value;
    }

    public static float Sum(ScalarLanes value) => FixedTree.Sum(value[..]);

    public static float MaxAcross(ScalarLanes value)
    {
        float largest = value[0];
        for (int i = 1; i < Count; i++)
        {
            largest = float.MaxNative(largest, value[i]);
        }

        return largest;
    }

    public static void StoreSums(float* destination, ScalarLanes a, ScalarLanes b, ScalarLanes c, ScalarLanes d) =>
        (destination[0], destination[1], destination[2], destination[3]) = (Sum(a), Sum(b), Sum(c), Sum(d));

    public static ScalarLanes LoadHalf(ushort* source)
    {
        ScalarLanes lanes = default;
        for (int i = 0; i < Count; i++)
        {
            lanes[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
        }

        return lanes;
    }

    public static ScalarLanes LoadBFloat16(ushort* source)
    {
        ScalarLanes lanes = default;
        for (int i = 0; i < Count; i++)
        {
            lanes[i] = BitConverter.Int32BitsToSingle(source[i] << 16);
        }

        return lanes;
    }

    public static ScalarLanes LoadScaledHalf(ushort* source)
    {
        const int ExponentBits = 13;
        ScalarLanes lanes = default;
        for (int i = 0; i < Count; i++)
        {
            lanes[i] = BitConverter.UInt32BitsToSingle((uint)((short)source[i] << ExponentBits) & 0x8FFF_E000);
        }

        return lanes;
    }

    public static void StoreHalf(ushort* destination, ScalarLanes value)
    {
        for (int i = 0; i < Count; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(value[i]);
            uint magnitude = Math.Min(bits & 0x7FFF_FFFF, 0x477F_E000);
            uint half = magnitude < 0x3880_0000 ? 0 : (magnitude - 0x3800_0000 + 0xFFF + ((magnitude >> 13) & 1)) >> 13;
            destination[i] = (ushort)((bits >> 16 & 0x8000) | half);
        }
    }

    public static ScalarLanes LoadLowerHalves(uint* source)
    {
        ScalarLanes lanes = default;
        for (int i = 0; i < Count; i++)
        {
            lanes[i] = BitConverter.UInt32BitsToSingle(source[i] << 16);
        }

        return lanes;
    }

    public static ScalarLanes LoadUpperHalves(uint* source)
    {
        ScalarLanes lanes = default;
        for (int i = 0; i < Count; i++)
        {
            lanes[i] = BitConverter.UInt32BitsToSingle(source[i] & 0xFFFF_0000);
        }

        return lanes;
    }

    public static void StoreUpperHalf(ushort* destination, ScalarLanes value)
    {
        for (int i = 0; i < Count; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(value[i]);
            uint magnitude = Math.Min(bits & 0x7FFF_FFFF, 0x7F7F_0000);
            destination[i] = (ushort)(((bits & 0x8000_0000) | (magnitude + 0x7FFF + ((magnitude >> 16) & 1))) >> 16);
        }
    }

    public static ScalarLanes LoadSignedBytes(sbyte* source)
    {
        ScalarLanes lanes = default;
        for (int i = 0; i < Count; i++)
        {
            lanes[i] = source[i];
        }

        return lanes;
    }

    public static void StoreSignedBytes(sbyte* destination, ScalarLanes value)
    {
        for (int i = 0; i < Count; i++)
        {
            destination[i] = (sbyte)MathF.Round(Math.Clamp(value[i], -127f, 127f));
        }
    }
}
