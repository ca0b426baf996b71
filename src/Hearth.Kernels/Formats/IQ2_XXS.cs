using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements in groups of 8, each a vector of the codebook with signs: value = Scale * (0.5 + scale) / 4 * vector, a 4-bit scale per 32.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct IQ2_XXS : IBlockFormat<IQ2_XXS>
{
    /// <summary>256 vectors of 8 bytes.</summary>
    internal static readonly ulong* Grid = (ulong*)Codebook.Unpack(Packed, 2, [8, 25, 43]);

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Per 32 elements two words: four indices of a byte; then four 7-bit indices of signs and, on top, the scale.</summary>
    internal fixed uint Words[16];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.IQ2_XXS;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    private static ReadOnlySpan<byte> Packed =>
        "AAACAAUACAAKABEAFAAgACIAKAAqAEEARABQAFgAYQBkAIAAggCKAKIAAQEEARABFQFAAYQBmAEAAgICIgKCAgEEBAQQBCEEJARABEIESARgBIEEhASQBKQE"u8
        + "AAUCBQgFIAVGBWkFgAWRBQkGEAZABoQGpAYACAUICAgUCCgIQQhECFAIUgiICAQJQAkCChQKARAEEBAQIRBAEGAQhBCQEJUQABEIESARUBFaEYARJBJFEgAU"u8
        + "CBQgFCUUSRSAFBgVYhUAFhYWARgEGBAYQBiBGAAZBRmgGVEaACACIAogRCBhIIAggiApIUghACICIgEkBCQQJEAkViQAJUElZCWQJggoICiUKEQqAUAEQBBA"u8
        + "GEAhQCRAQEBIQFZAYECBQIRAkEAAQSBBYUGAQYVBAUIQQkhCVkJoQgBECEQgRIBEmUQSRSRFAEYBSARIEEhASEVIAElYSWFJgklFSpBKAFAIUBFQGVAgUIBQ"u8
        + "iFAEUUJRpFGRUpBUklQKVQFWVFYAWBFYGVhkWEBZCFoEYBBgQGBoYABhVWEYYmBiAGQFZBBlEmWEZUJoAIACgAqAQYCCgASBGIFAgRGCAYQEhBCEFYRAhGCE"u8
        + "AIVGhZSFCYZAhmCGAogEiRGKBJAQkCSQQJChkBaRgJFFkgCUIpRElFGVgZggmQKgUKCFoAmhAKIYpFCoBKk="u8;

    /// <inheritdoc/>
    public static void Decode(IQ2_XXS* block, float* destination)
    {
        float blockScale = HalfTable.ToSingle(block->Scale);
        for (int b = 0; b < 8; b++)
        {
            byte* indices = (byte*)(block->Words + (2 * b));
            uint signs = block->Words[(2 * b) + 1];
            float scale = blockScale * (0.5f + (signs >> 28)) * 0.25f;
            for (int l = 0; l < 4; l++)
            {
                Codebook.Expand(Grid[indices[l]], Codebook.EvenSigns[(signs >> (7 * l)) & 127], scale, destination);
                destination += 8;
            }
        }
    }

    /// <inheritdoc/>
    public static void SetScale(IQ2_XXS* block, float scale) => block->Scale = HalfTable.FromSingle(scale / 64);
}
