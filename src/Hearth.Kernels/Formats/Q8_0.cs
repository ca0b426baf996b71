using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 8 bits: value = code * scale.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q8_0 : IEncodableFormat<Q8_0>
{
    private const int Elements = 32;

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Signed codes.</summary>
    internal fixed sbyte Codes[Elements];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.Q8_0;

    /// <inheritdoc/>
    public static int BlockElements => Elements;

    /// <inheritdoc/>
    public static void Decode(Q8_0* block, float* destination)
    {
        float scale = HalfTable.ToSingle(block->Scale);
        for (int i = 0; i < Elements; i++)
        {
            destination[i] = block->Codes[i] * scale;
        }
    }

    /// <inheritdoc/>
    public static void Encode(float* source, Q8_0* block)
    {
        float inverse = ScaleSearch.Inverse(ScaleSearch.Store(MathF.Abs(ScaleSearch.Extreme(source, Elements)) / 127, &block->Scale));
        for (int i = 0; i < Elements; i++)
        {
            block->Codes[i] = (sbyte)ScaleSearch.Round(source[i] * inverse, -127, 127);
        }
    }

    /// <inheritdoc/>
    public static void SetScale(Q8_0* block, float scale) => block->Scale = HalfTable.FromSingle(scale);
}
