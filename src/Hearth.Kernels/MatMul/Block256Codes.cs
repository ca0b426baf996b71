using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

/// <summary>Codes of <see cref="Q4_K"/>.</summary>
internal readonly unsafe struct Q4_KCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q4_K);

    /// <inheritdoc/>
    public static bool HasMinimums => true;

    /// <inheritdoc/>
    public static void Unpack(byte* block, Block256* destination)
    {
        Q4_K* source = (Q4_K*)block;
        UnpackScales(source->SubScales, destination);
        destination->Scale = HalfTable.ToSingle(source->Scale);
        destination->MinimumScale = HalfTable.ToSingle(source->MinimumScale);
        for (int i = 0; i < ActivationBlock256.Elements; i++)
        {
            int subBlock = i / 32;
            destination->Codes[i] = (sbyte)((source->Codes[(subBlock / 2 * 32) + (i % 32)] >> (subBlock % 2 * 4)) & 15);
        }
    }

    /// <summary>Unpacks scales and minimums that 32 elements share.</summary>
    internal static void UnpackScales(byte* packed, Block256* destination)
    {
        byte* scales = stackalloc byte[PackedScales.Count];
        byte* minimums = stackalloc byte[PackedScales.Count];
        PackedScales.Unpack(packed, scales, minimums);
        for (int i = 0; i < 2 * PackedScales.Count; i++)
        {
            destination->Scales[i] = (sbyte)scales[i / 2];
            destination->Minimums[i] = minimums[i / 2];
        }
    }
}

/// <summary>Codes of <see cref="Q5_K"/>.</summary>
internal readonly unsafe struct Q5_KCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_K);

    /// <inheritdoc/>
    public static bool HasMinimums => true;

    /// <inheritdoc/>
    public static void Unpack(byte* block, Block256* destination)
    {
        Q5_K* source = (Q5_K*)block;
        Q4_KCodes.UnpackScales(source->SubScales, destination);
        destination->Scale = HalfTable.ToSingle(source->Scale);
        destination->MinimumScale = HalfTable.ToSingle(source->MinimumScale);
        for (int i = 0; i < ActivationBlock256.Elements; i++)
        {
            int subBlock = i / 32;
            int low = source->Codes[(subBlock / 2 * 32) + (i % 32)] >> (subBlock % 2 * 4);
            int high = source->HighBits[i % 32] >> subBlock;
            destination->Codes[i] = (sbyte)((low & 15) | ((high & 1) << 4));
        }
    }
}

/// <summary>Codes of <see cref="Q6_K"/>, less their zero point 32.</summary>
internal readonly unsafe struct Q6_KCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q6_K);

    /// <inheritdoc/>
    public static void Unpack(byte* block, Block256* destination)
    {
        Q6_K* source = (Q6_K*)block;
        destination->Scale = HalfTable.ToSingle(source->Scale);
        destination->MinimumScale = 0;
        for (int i = 0; i < ActivationBlock256.Elements / Block256.SubBlock; i++)
        {
            destination->Scales[i] = source->SubScales[i];
            destination->Minimums[i] = 0;
        }

        for (int i = 0; i < ActivationBlock256.Elements; i++)
        {
            int half = i / 128, quarter = i % 128 / 32, l = i % 32;
            int low = source->LowBits[(half * 64) + (quarter % 2 * 32) + l] >> (quarter / 2 * 4);
            int high = source->HighBits[(half * 32) + l] >> (quarter * 2);
            destination->Codes[i] = (sbyte)(((low & 15) | ((high & 3) << 4)) - 32);
        }
    }
}

/// <summary>Codes of <see cref="Q2_K"/>.</summary>
internal readonly unsafe struct Q2_KCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q2_K);

    /// <inheritdoc/>
    public static bool HasMinimums => true;

    /// <inheritdoc/>
    public static void Unpack(byte* block, Block256* destination)
    {
        Q2_K* source = (Q2_K*)block;
        destination->Scale = HalfTable.ToSingle(source->Scale);
        destination->MinimumScale = HalfTable.ToSingle(source->MinimumScale);
        for (int b = 0; b < ActivationBlock256.Elements / Block256.SubBlock; b++)
        {
            destination->Scales[b] = (sbyte)(source->SubScales[b] & 15);
            destination->Minimums[b] = (byte)(source->SubScales[b] >> 4);
            (int start, int shift) = SuperBlock.TwoBitPlace(b);
            for (int i = 0; i < Block256.SubBlock; i++)
            {
                destination->Codes[(b * Block256.SubBlock) + i] = (sbyte)((source->Codes[start + i] >> shift) & 3);
            }
        }
    }
}

/// <summary>Codes of <see cref="Q3_K"/>, less their zero point 4.</summary>
internal readonly unsafe struct Q3_KCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q3_K);

    /// <inheritdoc/>
    public static void Unpack(byte* block, Block256* destination)
    {
        Q3_K* source = (Q3_K*)block;
        destination->Scale = HalfTable.ToSingle(source->Scale);
        destination->MinimumScale = 0;
        for (int b = 0; b < ActivationBlock256.Elements / Block256.SubBlock; b++)
        {
            destination->Scales[b] = (sbyte)(Q3_K.SubScale(source, b) - 32);
            destination->Minimums[b] = 0;
            (int start, int shift) = SuperBlock.TwoBitPlace(b);
            for (int i = 0; i < Block256.SubBlock; i++)
            {
                int high = source->HighBits[(b % 2 * Block256.SubBlock) + i] >> (b / 2);
                destination->Codes[(b * Block256.SubBlock) + i] = (sbyte)((((source->LowBits[start + i] >> shift) & 3) | ((high & 1) << 2)) - 4);
            }
        }
    }
}

/// <summary>Values of <see cref="IQ4_XS"/>: integers.</summary>
internal readonly unsafe struct IQ4_XSCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ4_XS);

    /// <inheritdoc/>
    public static void Unpack(byte* block, Block256* destination)
    {
        IQ4_XS* source = (IQ4_XS*)block;
        destination->Scale = HalfTable.ToSingle(source->Scale);
        destination->MinimumScale = 0;
        for (int b = 0; b < ActivationBlock256.Elements / 32; b++)
        {
            int low = source->LowSubScales[b / 2] >> (b % 2 * 4), high = source->HighSubScales >> (2 * b);
            sbyte scale = (sbyte)(((low & 15) | ((high & 3) << 4)) - 32);
            (destination->Scales[2 * b], destination->Scales[(2 * b) + 1]) = (scale, scale);
            (destination->Minimums[2 * b], destination->Minimums[(2 * b) + 1]) = (0, 0);
            MXFP4Codes.Unpack(source->Codes + (16 * b), IQ4_NL.Values, destination->Codes + (32 * b));
        }
    }
}
