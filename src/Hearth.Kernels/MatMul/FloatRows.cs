using System.Runtime.CompilerServices;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// How <see cref="FloatDot"/> decodes a row of weights for many tokens. Every decoder gives the values of <see cref="BlockFormat.Decode"/>.
/// </summary>
internal unsafe interface IRowDecoder
{
    /// <summary>Decodes a row.</summary>
    /// <param name="format">The format of the row.</param>
    /// <param name="row">The row, as it lies in a file.</param>
    /// <param name="destination">Where its elements go.</param>
    /// <param name="columns">How many it has.</param>
    static abstract void Decode(BlockFormat format, byte* row, float* destination, int columns);
}

/// <summary>Rows of any format.</summary>
internal readonly unsafe struct BlockRows : IRowDecoder
{
    /// <inheritdoc/>
    public static void Decode(BlockFormat format, byte* row, float* destination, int columns) =>
        format.Decode(row, destination, columns / format.BlockElements);
}

/// <summary>Rows of elements without blocks, sixteen at a time.</summary>
internal readonly unsafe struct ElementRows<TElements, TLanes> : IRowDecoder
    where TElements : struct, IFloatElements
    where TLanes : struct, ILanes<TLanes>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(BlockFormat format, byte* row, float* destination, int columns)
    {
        int i = 0;
        for (; i <= columns - FloatDot.Lanes; i += FloatDot.Lanes)
        {
            TLanes.Store(destination + i, TElements.Load<TLanes>(row + (i * TElements.Size)));
        }

        format.Decode(row + (i * TElements.Size), destination + i, columns - i);
    }
}
