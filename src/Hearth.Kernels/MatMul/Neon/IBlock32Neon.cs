using System.Runtime.Intrinsics;

namespace Hearth.Kernels.MatMul.Neon;

/// <summary>A format of blocks of 32 as the kernels for vectors of 128 bits consume it.</summary>
internal unsafe interface IBlock32Neon : IBlock32Scales
{
    /// <summary>The signed codes of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="first">The first 16.</param>
    /// <param name="last">The last 16.</param>
    static abstract void Load(byte* block, out Vector128<sbyte> first, out Vector128<sbyte> last);
}
