using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements in groups of 8, each two vectors of the codebook with signs: value = Scale * (0.5 + scale) / 2 * vector, a 4-bit scale
/// per 32.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct IQ3_XXS : IBlockFormat<IQ3_XXS>
{
    /// <summary>256 vectors of 4 bytes.</summary>
    internal static readonly uint* Grid = (uint*)Codebook.Unpack(Packed, 3, [4, 12, 20, 28, 36, 44, 52, 62]);

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Two indices of vectors per group.</summary>
    internal fixed byte Codes[64];

    /// <summary>Per 32 elements: four 7-bit indices of signs and, on top, the scale.</summary>
    internal fixed uint Signs[8];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.IQ3_XXS;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    private static ReadOnlySpan<byte> Packed =>
        "ACAABJAAC/AAECABGSACO9ADQTAESKAEUVAFWKAFYcAGeAAIgkAIiQAJkpAJm/AJqfAKvRAMx4AMylAN+LAQH0ESL7ETPREUR6EVatEZtIEczOEc4xEfATIg"u8
        + "CKIgETIhGKIhHHIiKAIkQpIkUCIlgTIoiKIokYIpugIswgIt2WIu9hIwBYMyUEM1ZpM3hSM94ANAApRACwRBEmRBGSRCQTRERYREShRFWDRHd4RHgCRIifRI"u8
        + "kCRJnwRKrRRMyMRM+MRPHbVSQ3VVYcVXwTVczlVeAYZgChZhE4ZiNaZjQCZkUJZlZGZmgTZoiFZpqqZrybZtGHdyOgd0Rid1bcd4njd72wd/BPiAHfiBK/iC"u8
        + "fAiJnwiKsGiLx1iOBJmSNFmVY4mXxYmcyomdChqiOAqkRmqlbcqomqqrwrquCDuxF6uzQpu1qEu94kvBJGzCNBzFcfzItIzN3kzSRa3Wmz3c0T3gBX7gCK7h"u8
        + "Km7lYK7opa7qwN7s2w7vER/yQC/0VI/5"u8;

    /// <inheritdoc/>
    public static void Decode(IQ3_XXS* block, float* destination)
    {
        float blockScale = HalfTable.ToSingle(block->Scale);
        for (int group = 0; group < 32; group++)
        {
            uint word = block->Signs[group / 4];
            int signs = Codebook.EvenSigns[(word >> (group % 4 * 7)) & 127];
            float scale = blockScale * (0.5f + (word >> 28)) * 0.5f;
            ulong vector = Grid[block->Codes[2 * group]] | ((ulong)Grid[block->Codes[(2 * group) + 1]] << 32);
            Codebook.Expand(vector, signs, scale, destination);
            destination += 8;
        }
    }

    /// <inheritdoc/>
    public static void SetScale(IQ3_XXS* block, float scale) => block->Scale = HalfTable.FromSingle(scale / 64);
}
