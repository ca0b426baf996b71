using System.Runtime.CompilerServices;

namespace Hearth.Kernels.Attention;

/// <summary>
/// Where the keys and values of one layer lie, while the <see cref="KvStorage"/> is not disposed. The caller has checked the indices.
/// </summary>
internal readonly unsafe struct KvLayerMemory
{
    private const int ValuePadding = 16;
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
        ValueStride = (int)PaddedValue(shape.ValueSize);
        int elementBytes = ElementBytes(type);
        int scaleBytes = ScaleBytes(type) * KvStorage.BlockTokens;
        _keyScaleOffset = (long)KvStorage.BlockTokens * shape.KeySize * elementBytes;
        _valueOffset = _keyScaleOffset + scaleBytes;
        _valueScaleOffset = _valueOffset + ((long)KvStorage.BlockTokens * ValueStride * elementBytes);
        _headBytes = _valueScaleOffset + scaleBytes;
    }

    /// <summary>Heads and sizes.</summary>
    internal KvLayerShape Shape { get; }

    /// <summary>How elements are kept.</summary>
    internal KvElementType Type { get; }

    /// <summary>
    /// Elements from one value to the next in a block: the value's size rounded up to whole vectors; the rest stays zero.
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
        long perPosition = ((shape.KeySize + PaddedValue(shape.ValueSize)) * ElementBytes(type)) + (2 * ScaleBytes(type));
        return checked(perPosition * KvStorage.BlockTokens * shape.KeyValueHeads);
    }

    /// <summary>Bytes of an element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not one.</exception>
    internal static int ElementBytes(KvElementType type) => type switch
    {
        KvElementType.F16 => sizeof(ushort),
        KvElementType.F32 => sizeof(float),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type of keys and values."),
    };

    /// <summary>Keys of one head in one block: [dimension][position].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* Keys(int block, int head) => _data + (block * _blockBytes) + (head * _headBytes);

    /// <summary>Values of one head in one block: [position][<see cref="ValueStride"/>].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* Values(int block, int head) => Keys(block, head) + _valueOffset;

    /// <summary>The factors of the keys of one head in one block, [position]; only of halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal float* KeyScales(int block, int head) => (float*)(Keys(block, head) + _keyScaleOffset);

    /// <summary>The factors of the values of one head in one block, [position]; only of halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal float* ValueScales(int block, int head) => (float*)(Keys(block, head) + _valueScaleOffset);

    private static int ScaleBytes(KvElementType type) => type == KvElementType.F16 ? sizeof(float) : 0;

    private static long PaddedValue(int valueSize) => ((long)valueSize + ValuePadding - 1) & -ValuePadding;
}
