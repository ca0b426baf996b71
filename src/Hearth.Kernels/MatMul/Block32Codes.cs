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
        for (int i = 0; i < ActivationGroup32.BlockElements; i++)
        {
            codes[i] = source->Codes[i];
        }

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
        for (int i = 0; i < 16; i++)
        {
            int pair = source->Codes[i];
            codes[i] = (sbyte)(((pair & 15) | (int)((source->HighBits >> i & 1) << 4)) - 16);
            codes[i + 16] = (sbyte)(((pair >> 4) | (int)((source->HighBits >> (i + 16) & 1) << 4)) - 16);
        }

        return HalfTable.ToSingle(source->Scale);
    }
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
