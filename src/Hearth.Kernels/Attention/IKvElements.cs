using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary>
/// A type of keys and values: how its elements lie and are read. Elements come in pairs of vectors, that is 32 at a time: the positions of
/// a block for one dimension of keys, 32 neighbouring dimensions of one value.
/// </summary>
internal unsafe interface IKvElements
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    /// <summary>What has a scale.</summary>
    static abstract KvScaling Scaling { get; }

    /// <summary>What queries are multiplied by before they meet keys.</summary>
    static abstract float QueryFactor { get; }

    /// <summary>What scores are multiplied by afterwards.</summary>
    static abstract float ScoreFactor { get; }

    /// <summary>What probabilities are multiplied by before they meet values.</summary>
    static abstract float ProbabilityFactor { get; }

    /// <summary>Where element <paramref name="index"/> of 32 lies among them.</summary>
    static abstract int Place(int index);

    /// <summary>Elements 0 to 15 of the 32 at <paramref name="pair"/>, without scale.</summary>
    static abstract TLanes LoadLower<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>Elements 16 to 31.</summary>
    static abstract TLanes LoadUpper<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>The scalar twin: the element in a place.</summary>
    static abstract float Load(byte* elements, long place);

    /// <summary>Rounds a key or value of one head, to nearest even; its elements stay in order.</summary>
    /// <param name="source">[count].</param>
    /// <param name="destination">[count].</param>
    /// <param name="count">Elements.</param>
    /// <param name="scales">As many as <see cref="KvElementLayout.Scales"/> says; each is exact with 8 bits.</param>
    static abstract void Encode<TLanes>(float* source, byte* destination, int count, float* scales)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>The scalar twin of <see cref="Encode{TLanes}"/>; vectors with not-a-number may differ.</summary>
    static abstract void EncodeReference(float* source, byte* destination, int count, float* scales);
}
