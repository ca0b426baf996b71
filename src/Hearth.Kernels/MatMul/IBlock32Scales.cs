using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

/// <summary>Where the vector kernels find the scales of a format of blocks of 32: in most, a half at the beginning of a block.</summary>
internal unsafe interface IBlock32Scales
{
    /// <summary>Bytes of a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Whether a half behind the scale is added to every value.</summary>
    static virtual bool HasMinimum => false;

    /// <summary>The floats that bits of a block stand for.</summary>
    static virtual float* Table => HalfTable.Pointer;

    /// <summary>The scale of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="table">The format's <see cref="Table"/>.</param>
    static virtual float Scale(byte* block, float* table) => table[*(ushort*)block];
}
