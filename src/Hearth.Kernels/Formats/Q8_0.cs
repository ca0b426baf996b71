using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>32 elements of 8 bits: value = code * scale.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct Q8_0 : IEncodableFormat<Q8_0>
{
    private const int Elements = 32;
    private const int Limit = 127;

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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TLanes>(float* source, Q8_0* block)
        where TLanes : struct, ILanes<TLanes>
    {
        float scale = MathF.Abs(ScaleSearch.Extreme<TLanes>(source, Elements)) / Limit;
        float inverse = ScaleSearch.Inverse(ScaleSearch.Store(scale, &block->Scale));
        ScaleSearch.ToCodes<TLanes>(source, Elements, inverse, 0, -Limit, Limit, (byte*)block->Codes);
    }

    /// <inheritdoc/>
    public static void SetScale(Q8_0* block, float scale) => block->Scale = HalfTable.FromSingle(scale);
}
