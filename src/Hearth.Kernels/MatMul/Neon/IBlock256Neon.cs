using System.Runtime.Intrinsics;

namespace Hearth.Kernels.MatMul.Neon;

/// <summary>A format of blocks of 256 as the kernels for vectors of 128 bits consume it.</summary>
internal unsafe interface IBlock256Neon : IBlock256Codes
{
    /// <summary>Bytes from the block's beginning to its scale, a half.</summary>
    static abstract int ScaleOffset { get; }

    /// <summary>Bytes from the block's beginning to its scale of minimums, a half, in formats with minimums.</summary>
    static virtual int MinimumScaleOffset => 0;

    /// <summary>The signed codes of 32 columns.</summary>
    /// <param name="block">The block.</param>
    /// <param name="part">Which of the eight.</param>
    /// <param name="first">The first 16.</param>
    /// <param name="last">The last 16.</param>
    static abstract void Load(byte* block, int part, out Vector128<sbyte> first, out Vector128<sbyte> last);

    /// <summary>The scale of each 16 columns.</summary>
    static abstract Vector128<sbyte> Scales(byte* block);

    /// <summary>The minimum of each 16 columns, in formats with minimums.</summary>
    static virtual Vector128<byte> Minimums(byte* block) => Vector128<byte>.Zero;
}
