using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>A tensor format that values can be rounded to. The same values always give the same bytes.</summary>
/// <typeparam name="TSelf">The format itself.</typeparam>
internal unsafe interface IEncodableFormat<TSelf> : IBlockFormat<TSelf>
    where TSelf : unmanaged, IEncodableFormat<TSelf>
{
    /// <summary>Rounds the values of a block, to the same bytes whatever the vectors.</summary>
    static abstract void Encode<TLanes>(float* source, TSelf* block)
        where TLanes : struct, ILanes<TLanes>;
}
