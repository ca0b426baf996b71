using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements in groups of 8, each a vector of the codebook with signs: value = Scale * (0.5 + scale) / 4 * vector, a 4-bit scale per 16.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct IQ2_XS : IBlockFormat<IQ2_XS>
{
    /// <summary>512 vectors of 8 bytes.</summary>
    internal static readonly ulong* Grid = (ulong*)Codebook.Unpack(Packed, 2, [8, 25, 43]);

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Per group: a 9-bit index of a vector, and a 7-bit index of signs above it.</summary>
    internal fixed ushort Codes[32];

    /// <summary>Per 32 elements: the scales of the first 16 (low nibble) and of the last.</summary>
    internal fixed byte SubScales[8];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.IQ2_XS;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    private static ReadOnlySpan<byte> Packed =>
        "AAACAAUACAAKABEAFAAWABkAIAAiACUAKABBAEQARgBJAFAAUgBVAFgAYQBkAIAAggCFAIgAkQCUAJkAoAABAQQBBgEJARABEgEVARgBGgEhASQBQAFCAUUB"u8
        + "SAFRAVQBYAFoAYEBhAGQAQACAgIFAggCEQIUAiACQQJEAlACVQKAAooCAQQEBAYECQQQBBIEFQQYBCEEJARABEIERQRIBFEEVARWBGAEgQSEBJAEAAUCBQUF"u8
        + "CAURBRQFIAVBBUQFUAVhBYAFAQYEBhAGJgZABkIGhAYACAIIBQgICAoIEQgUCCAIJQhBCEQIUAhYCIAIoAiqCAEJBAkQCUAJgQmJCQAKIAooCpYKoAoBEAQQ"u8
        + "BhAJEBAQEhAVEBgQIRAkEEAQQhBFEEgQURBUEGAQahCBEIQQkBAAEQIRBREIERERFBEgEUERRBFQEYARlBGWEQESBBIGEhASQBJgEgAUAhQFFAgUERQUFCAU"u8
        + "QRREFEkUUBRkFIAUARUEFRAVQBUAFhQWSRYBGAQYEBgSGEAYVBiGGAAZBRlmGVEaqRoAIAIgBSAIIAogESAUICAgQSBEIFAggCCgIAEhBCEQIUAhSCFlIQAi"u8
        + "IiKAIqgiASQEJBAkKSRAJAAlQSVSJZklASYaJqYmACgIKAooIChVKIgooihoKZApCCogKoIqiCqKKgFABEAGQAlAEEASQBVAGEAhQCRAQEBCQEVASEBKQFFA"u8
        + "VEBgQGVAgUCEQJBAAEECQQVBCEERQRRBIEFBQURBUEGAQYVBokEBQgRCEEISQilCQEIARAJEBUQIRBFEFEQZRCBEQURERFBEgESURAFFBEUQRSRFQEWaRQBG"u8
        + "CkZERlBGAUgESBBIQEhFSFRIYkgASRFJRElQSWlJBEoAUAJQBVAIUBFQFFAgUChQQVBEUFBQgFABUQRREFEVUUBRQlEAUkRSqlIBVARUEFQhVEBUYFSBVKFU"u8
        + "AFUIVYBViFUhVmhWoVYAWBRYQVhQWJlYGllAWUJZhVoBYARgEGBAYFRgYmCGYKlgAGEkYkpikmIAZBZkEGVAZUVlpGUBaGpoJWkGalRqYmoAgAKABYAIgBGA"u8
        + "FIAggCqAQYBEgFCAgICCgKiAqoABgQSBBoEQgUCBUYFZgQCCIIKAgoKCoIKoggGEBIQQhBKEFYRAhGCEiYQAhUSFpYUYhmqGAIgIiCWIWoiAiIKIqIgGiSKK"u8
        + "gIqIipaKqIoBkASQEJBAkFaQhJAAkSKRZJFWkomSAJQFlESUUJRYlCmVkJWSlUGWUZimmEmZFZpgmgCgAqAIoAqgIKAqoKCgUaFZoaahAKICogiiKqKAoqCi"u8
        + "QKSVpGWmmKYKqCCoIqgoqKCoqKgEqYSphqkoqiqqkaqqqg=="u8;

    /// <inheritdoc/>
    public static void Decode(IQ2_XS* block, float* destination)
    {
        float blockScale = HalfTable.ToSingle(block->Scale);
        for (int group = 0; group < 32; group++)
        {
            int code = block->Codes[group];
            float scale = blockScale * (0.5f + ((block->SubScales[group / 4] >> (group / 2 % 2 * 4)) & 15)) * 0.25f;
            Codebook.Expand(Grid[code & 511], Codebook.EvenSigns[code >> 9], scale, destination);
            destination += 8;
        }
    }

    /// <inheritdoc/>
    public static void SetScale(IQ2_XS* block, float scale) => block->Scale = HalfTable.FromSingle(scale / 64);
}
