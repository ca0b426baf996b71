using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>A tensor format that values can be rounded to. The same values always give the same bytes.</summary>
/// <typeparam name="TSelf">The format itself.</typeparam>
internal unsafe interface IEncodableFormat<TSelf> : IBlockFormat<TSelf>
    where TSelf : unmanaged, IEncodableFormat<TSelf>
{
    /// <summary>Rounds the values of a block: the definition, one operation at a time.</summary>
    static abstract void Encode(float* source, TSelf* block);

    /// <summary>Rounds the values of consecutive blocks to the same bytes, with vectors where that is faster.</summary>
    static virtual void Encode<TLanes>(float* source, TSelf* blocks, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int i = 0; i < count; i++)
        {
            TSelf.Encode(source + (i * TSelf.BlockElements), blocks + i);
        }
    }
}
