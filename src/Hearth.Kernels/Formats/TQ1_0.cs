using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 ternary elements, five per byte: value = (trit - 1) * scale. A byte b stands for the fraction b / 256; its trits are the first
/// digits of that in base 3. Three runs of bytes follow each other; each holds the first trits of all its bytes, then the second ones, ….
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct TQ1_0 : IEncodableFormat<TQ1_0>
{
    private const int Bytes = 52;

    /// <summary>A run of 32 bytes and one of 16 with five trits each, and one of 4 with four trits each.</summary>
    internal fixed byte Codes[Bytes];

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <inheritdoc/>
    public static TensorType Type => TensorType.TQ1_0;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    private static ReadOnlySpan<byte> RunBytes => [32, 16, 4];

    private static ReadOnlySpan<byte> RunTrits => [5, 5, 4];

    /// <inheritdoc/>
    public static void Decode(TQ1_0* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale);
        byte* codes = block->Codes;
        for (int run = 0; run < RunBytes.Length; run++)
        {
            int bytes = RunBytes[run], power = 1;
            for (int trit = 0; trit < RunTrits[run]; trit++)
            {
                for (int i = 0; i < bytes; i++)
                {
                    int digit = (byte)(codes[i] * power) * 3 >> 8;
                    *destination++ = (digit - 1) * scale;
                }

                power *= 3;
            }

            codes += bytes;
        }
    }

    /// <inheritdoc/>
    public static void Encode<TLanes>(float* source, TQ1_0* block)
        where TLanes : struct, ILanes<TLanes>
    {
        float scale = ScaleSearch.Store(MathF.Abs(ScaleSearch.Extreme(source, SuperBlock.Elements)), &block->Scale);
        float inverse = ScaleSearch.Inverse(scale);
        byte* codes = block->Codes;
        for (int run = 0; run < RunBytes.Length; run++)
        {
            int bytes = RunBytes[run], trits = RunTrits[run];
            for (int i = 0; i < bytes; i++)
            {
                int number = 0;
                for (int trit = 0; trit < 5; trit++)
                {
                    int digit = trit < trits ? ScaleSearch.Round(source[(trit * bytes) + i] * inverse, -1, 1) + 1 : 0;
                    number = (number * 3) + digit;
                }

                codes[i] = (byte)(((number * 256) + 242) / 243);
            }

            source += bytes * trits;
            codes += bytes;
        }
    }

    /// <inheritdoc/>
    public static void SetScale(TQ1_0* block, float scale) => block->Scale = HalfTable.FromSingle(scale);
}
