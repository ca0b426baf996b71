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

    /// <summary>Rounds 2 * <paramref name="bytes"/> values, given their scale, and returns the sum of the squared errors.</summary>
    internal static float Round(float* source, int bytes, float scale, byte* codes)
    {
        float inverse = ScaleSearch.Inverse(scale), error = 0;
        for (int i = 0; i < bytes; i++)
        {
            int low = Nearest(source[i] * inverse), high = Nearest(source[i + bytes] * inverse);
            float lowError = source[i] - (scale * Values[low]), highError = source[i + bytes] - (scale * Values[high]);
            error += (lowError * lowError) + (highError * highError);
            codes[i] = (byte)(low | (high << 4));
        }

        return error;
    }

    private static int Nearest(float value)
    {
        ReadOnlySpan<float> middles = [0.5f, 1.5f, 2.5f, 3.5f, 5, 7, 10];
        float magnitude = MathF.Abs(value);
        int code = 0;
        foreach (float middle in middles)
        {
            code += magnitude > middle ? 1 : 0;
        }

        return code != 0 && value < 0 ? code + 8 : code;
    }
}
