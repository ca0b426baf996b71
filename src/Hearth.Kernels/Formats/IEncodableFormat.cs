namespace Hearth.Kernels.Formats;

/// <summary>A tensor format that values can be rounded to. The same values always give the same bytes.</summary>
/// <typeparam name="TSelf">The format itself.</typeparam>
internal unsafe interface IEncodableFormat<TSelf> : IBlockFormat<TSelf>
    where TSelf : unmanaged, IEncodableFormat<TSelf>
{
    /// <summary>Rounds the values of a block.</summary>
    static abstract void Encode(float* source, TSelf* block);
}
