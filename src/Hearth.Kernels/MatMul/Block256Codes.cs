using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

/// <summary>Codes of <see cref="Q4_K"/>.</summary>
internal readonly unsafe struct Q4_KCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q4_K);

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
