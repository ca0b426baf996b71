using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

/// <summary>Codes of <see cref="Q8_0"/>.</summary>
internal readonly unsafe struct Q8_0Codes : IBlock32Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q8_0);

    /// <inheritdoc/>
    public static float Unpack(byte* block, sbyte* codes)
    {
        Q8_0* source = (Q8_0*)block;
        new ReadOnlySpan<sbyte>(source->Codes, ActivationGroup32.BlockElements).CopyTo(new Span<sbyte>(codes, ActivationGroup32.BlockElements));
        return HalfTable.ToSingle(source->Scale);
    }
}

/// <summary>Codes of <see cref="Q5_0"/>, less their zero point 16.</summary>
internal readonly unsafe struct Q5_0Codes : IBlock32Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_0);

    /// <inheritdoc/>
    public static float Unpack(byte* block, sbyte* codes)
    {
        Q5_0* source = (Q5_0*)block;
        Unpack(source->Codes, source->HighBits, 16, codes);
        return HalfTable.ToSingle(source->Scale);
    }

    /// <summary>Unpacks codes of 5 bits.</summary>
    internal static void Unpack(byte* low, uint high, int zeroPoint, sbyte* codes)
    {
        for (int i = 0; i < 16; i++)
        {
            codes[i] = (sbyte)(((low[i] & 15) | (int)((high >> i & 1) << 4)) - zeroPoint);
            codes[i + 16] = (sbyte)(((low[i] >> 4) | (int)((high >> (i + 16) & 1) << 4)) - zeroPoint);
        }
    }
}

/// <summary>Codes of <see cref="Q5_1"/>.</summary>
internal readonly unsafe struct Q5_1Codes : IBlock32Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_1);

    /// <inheritdoc/>
    public static bool HasMinimum => true;

    /// <inheritdoc/>
    public static float Unpack(byte* block, sbyte* codes)
    {
        Q5_1* source = (Q5_1*)block;
        Q5_0Codes.Unpack(source->Codes, source->HighBits, 0, codes);
        return HalfTable.ToSingle(source->Scale);
    }

    /// <inheritdoc/>
    public static float Minimum(byte* block) => HalfTable.ToSingle(((Q5_1*)block)->Minimum);
}

/// <summary>Codes of <see cref="Q4_0"/>, less their zero point 8.</summary>
internal readonly unsafe struct Q4_0Codes : IBlock32Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q4_0);

    /// <inheritdoc/>
    public static float Unpack(byte* block, sbyte* codes)
    {
        Q4_0* source = (Q4_0*)block;
        for (int i = 0; i < 16; i++)
        {
            codes[i] = (sbyte)((source->Codes[i] & 15) - 8);
            codes[i + 16] = (sbyte)((source->Codes[i] >> 4) - 8);
        }

        return HalfTable.ToSingle(source->Scale);
    }
}

/// <summary>Codes of <see cref="Q4_1"/>.</summary>
internal readonly unsafe struct Q4_1Codes : IBlock32Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q4_1);

    /// <inheritdoc/>
    public static bool HasMinimum => true;

    /// <inheritdoc/>
    public static float Unpack(byte* block, sbyte* codes)
    {
        Q4_1* source = (Q4_1*)block;
        for (int i = 0; i < 16; i++)
        {
            codes[i] = (sbyte)(source->Codes[i] & 15);
            codes[i + 16] = (sbyte)(source->Codes[i] >> 4);
        }

        return HalfTable.ToSingle(source->Scale);
    }

    /// <inheritdoc/>
    public static float Minimum(byte* block) => HalfTable.ToSingle(((Q4_1*)block)->Minimum);
}

/// <summary>Values of <see cref="MXFP4"/>: integers.</summary>
internal readonly unsafe struct MXFP4Codes : IBlock32Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(MXFP4);

    /// <inheritdoc/>
    public static float Unpack(byte* block, sbyte* codes)
    {
        MXFP4* source = (MXFP4*)block;
        Unpack(source->Codes, E2M1.Values, codes);
        return MXFP4.Scale(source->Exponent);
    }

    /// <summary>Looks up the values of 16 pairs of codes.</summary>
    internal static void Unpack(byte* pairs, ReadOnlySpan<sbyte> values, sbyte* codes)
    {
        for (int i = 0; i < 16; i++)
        {
            codes[i] = values[pairs[i] & 15];
            codes[i + 16] = values[pairs[i] >> 4];
        }
    }
}

/// <summary>Values of <see cref="IQ4_NL"/>: integers.</summary>
internal readonly unsafe struct IQ4_NLCodes : IBlock32Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ4_NL);

    /// <inheritdoc/>
    public static float Unpack(byte* block, sbyte* codes)
    {
        IQ4_NL* source = (IQ4_NL*)block;
        MXFP4Codes.Unpack(source->Codes, IQ4_NL.Values, codes);
        return HalfTable.ToSingle(source->Scale);
    }
}
