namespace Hearth.Kernels.Formats;

/// <summary>
/// A tensor format: the struct is one block as it lies in a file (little-endian, no padding), the static members read it.
/// Generic drivers consume these, so that a format is one file and one line of <see cref="BlockFormat"/>'s table.
/// Pointers need no alignment; callers have checked the lengths.
/// </summary>
/// <typeparam name="TSelf">The format itself.</typeparam>
internal unsafe interface IBlockFormat<TSelf>
    where TSelf : unmanaged, IBlockFormat<TSelf>
{
    /// <summary>The id of the format.</summary>
    static abstract TensorType Type { get; }

    /// <summary>Elements in a block.</summary>
    static abstract int BlockElements { get; }

    /// <summary>Bytes of a block.</summary>
    static virtual int BlockBytes => sizeof(TSelf);

    /// <summary>Writes the <see cref="BlockElements"/> values of a block.</summary>
    static abstract void Decode(TSelf* block, float* destination);

    /// <summary>
    /// Makes a block of random bytes a valid one whose values are about in proportion to <paramref name="scale"/> and, over random
    /// signs of the scale, have no mean.
    /// </summary>
    static abstract void SetScale(TSelf* block, float scale);
}
