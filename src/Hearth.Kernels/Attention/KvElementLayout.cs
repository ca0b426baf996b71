namespace Hearth.Kernels.Attention;

/// <summary>Which elements share a scale.</summary>
internal enum KvScaling
{
    /// <summary>There are no scales.</summary>
    None,

    /// <summary>All elements of a key or value of one head: the scale multiplies its score, or its probability.</summary>
    Vector,

    /// <summary><see cref="KvElementLayout.ScaleGroup"/> neighbouring ones: the scale multiplies the elements, which is exact.</summary>
    Group,
}

/// <summary>The sizes of a type of elements.</summary>
/// <param name="ElementBytes">Bytes of an element.</param>
/// <param name="Scaling">What has a scale.</param>
internal readonly record struct KvElementLayout(int ElementBytes, KvScaling Scaling)
{
    /// <summary>Elements of a group with a scale of its own, and of a pair of vectors.</summary>
    internal const int ScaleGroup = 32;

    /// <summary>The sizes of a type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not one.</exception>
    internal static KvElementLayout Of(KvElementType type)
    {
        Reader reader = default;
        KvElements.Dispatch(type, ref reader);
        return reader.Layout;
    }

    /// <summary>Scales of a key or value of one head.</summary>
    internal int Scales(int size) => Scaling switch
    {
        KvScaling.Vector => 1,
        KvScaling.Group => (int)(((long)size + ScaleGroup - 1) / ScaleGroup),
        _ => 0,
    };

    private struct Reader : IKvElementAction
    {
        public KvElementLayout Layout;

        public void Run<TElements>()
            where TElements : struct, IKvElements => Layout = new KvElementLayout(TElements.Size, TElements.Scaling);
    }
}
