using System.Runtime.CompilerServices;

namespace Hearth.Kernels.Attention;

/// <summary>
/// Where the keys and values of one layer lie, while the <see cref="KvStorage"/> is not disposed. The caller has checked the indices.
/// </summary>
internal readonly unsafe struct KvLayerMemory
{
    private const int PairElements = 32;
    private const int Alignment = 64;
    private readonly byte* _data;
    private readonly long _blockBytes;
    private readonly long _headBytes;
    private readonly long _keyScaleOffset;
    private readonly long _valueOffset;
    private readonly long _valueScaleOffset;

    /// <summary>A layer whose part of the first block is at <paramref name="data"/>.</summary>
    internal KvLayerMemory(byte* data, long blockBytes, KvLayerShape shape, KvElementType type)
    {
        _data = data;
        _blockBytes = blockBytes;
        Shape = shape;
        Type = type;
        Layout = KvElementLayout.Of(type);
        ValueStride = (int)PaddedValue(shape.ValueSize);
        _keyScaleOffset = KeyBytes(shape, Layout);
        _valueOffset = _keyScaleOffset + ScaleBytes(shape.KeySize, Layout);
        _valueScaleOffset = _valueOffset + ((long)KvStorage.BlockTokens * ValueStride * Layout.ElementBytes);
        _headBytes = _valueScaleOffset + ScaleBytes(shape.ValueSize, Layout);
    }

    /// <summary>Heads and sizes.</summary>
    internal KvLayerShape Shape { get; }

    /// <summary>How elements are kept.</summary>
    internal KvElementType Type { get; }

    /// <summary>The sizes of that type.</summary>
    internal KvElementLayout Layout { get; }

    /// <summary>
    /// Elements from one value to the next in a block: the value's size rounded up to whole pairs of vectors; the rest stays zero.
    /// </summary>
    internal int ValueStride { get; }

    /// <summary>Bytes of the layer in one block, a multiple of 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is not positive or the type is not one.</exception>
    /// <exception cref="OverflowException">The size does not fit in 63 bits.</exception>
    internal static long BytesPerBlock(KvLayerShape shape, KvElementType type)
    {
        OperationArgument.ThrowIfNotPositive(shape.KeyValueHeads, nameof(shape.KeyValueHeads));
        OperationArgument.ThrowIfNotPositive(shape.KeySize, nameof(shape.KeySize));
        OperationArgument.ThrowIfNotPositive(shape.ValueSize, nameof(shape.ValueSize));
        KvElementLayout layout = KvElementLayout.Of(type);
        long values = PaddedValue(shape.ValueSize) * layout.ElementBytes * KvStorage.BlockTokens;
        long scales = ScaleBytes(shape.KeySize, layout) + ScaleBytes(shape.ValueSize, layout);
        return checked((KeyBytes(shape, layout) + values + scales) * shape.KeyValueHeads);
    }

    /// <summary>Keys of one head in one block: [dimension][position], positions where the type places them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* Keys(int block, int head) => _data + (block * _blockBytes) + (head * _headBytes);

    /// <summary>
    /// Values of one head in one block: [position][<see cref="ValueStride"/>], each 32 dimensions where the type places them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* Values(int block, int head) => Keys(block, head) + _valueOffset;

    /// <summary>
    /// The scales of the keys of one head in one block, [scale][position]: BF16, positions placed as by <see cref="BFloat16Elements"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ushort* KeyScales(int block, int head) => (ushort*)(Keys(block, head) + _keyScaleOffset);

    /// <summary>The scales of the values, likewise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ushort* ValueScales(int block, int head) => (ushort*)(Keys(block, head) + _valueScaleOffset);

    private static long KeyBytes(KvLayerShape shape, KvElementLayout layout) =>
        (((long)KvStorage.BlockTokens * shape.KeySize * layout.ElementBytes) + Alignment - 1) & -Alignment;

    private static long ScaleBytes(int size, KvElementLayout layout) =>
        (long)layout.Scales(size) * KvStorage.BlockTokens * sizeof(ushort);

    private static long PaddedValue(int valueSize) => ((long)valueSize + PairElements - 1) & -PairElements;
}
