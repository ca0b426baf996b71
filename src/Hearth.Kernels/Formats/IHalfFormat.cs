using System.Runtime.Intrinsics;

namespace Hearth.Kernels.Formats;

/// <summary>A tensor format of one 16-bit element per block.</summary>
/// <typeparam name="TSelf">The format itself.</typeparam>
internal interface IHalfFormat<TSelf> : IEncodableFormat<TSelf>
    where TSelf : unmanaged, IHalfFormat<TSelf>
{
    /// <summary>The nearest elements, in the low 16 bits, of four floats given as bits.</summary>
    static abstract Vector128<uint> Round(Vector128<uint> bits);
}
