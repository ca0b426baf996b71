using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hearth.Kernels.Attention;

/// <summary>
/// The keys and values of one model in blocks of <see cref="BlockTokens"/> positions. Layout <c>[block][layer][head]{keys
/// [dimension][position], key scales [position], values [position][dimension], value scales [position]}</c>, without scales for floats:
/// keys lie so that vector lanes are positions, and a block is one piece of memory. Memory that was never written is not committed.
/// </summary>
public sealed unsafe class KvStorage : IDisposable
{
    /// <summary>Positions of a block.</summary>
    public const int BlockTokens = 32;

    private const int ValuePadding = 16;
    private const nuint Alignment = 64;
    private readonly long _headBytes;
    private readonly long _layerBytes;
    private readonly long _blockBytes;
    private readonly long _keyScaleOffset;
    private readonly long _valueOffset;
    private readonly long _valueScaleOffset;
    private void* _allocation;
    private byte* _data;

    /// <summary>Reserves zeroed memory.</summary>
    /// <param name="layers">Layers with attention.</param>
    /// <param name="blocks">Blocks of <see cref="BlockTokens"/> positions.</param>
    /// <param name="keyValueHeads">Key and value heads of a layer.</param>
    /// <param name="keySize">Elements of a key of one head.</param>
    /// <param name="valueSize">Elements of a value of one head.</param>
    /// <param name="type">How elements are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is not positive or the type is not one.</exception>
    /// <exception cref="OverflowException">The size does not fit in 63 bits.</exception>
    /// <exception cref="OutOfMemoryException">The machine refuses the memory.</exception>
    public KvStorage(int layers, int blocks, int keyValueHeads, int keySize, int valueSize, KvElementType type)
    {
        Bytes = BytesFor(layers, blocks, keyValueHeads, keySize, valueSize, type);
        Layers = layers;
        Blocks = blocks;
        KeyValueHeads = keyValueHeads;
        KeySize = keySize;
        ValueSize = valueSize;
        Type = type;
        ValueStride = PaddedValue(valueSize);
        int elementBytes = ElementBytes(type);
        int scaleBytes = ScaleBytes(type) * BlockTokens;
        _keyScaleOffset = (long)BlockTokens * keySize * elementBytes;
        _valueOffset = _keyScaleOffset + scaleBytes;
        _valueScaleOffset = _valueOffset + ((long)BlockTokens * ValueStride * elementBytes);
        _headBytes = _valueScaleOffset + scaleBytes;
        _layerBytes = _headBytes * keyValueHeads;
        _blockBytes = _layerBytes * layers;
        _allocation = NativeMemory.AllocZeroed(checked((nuint)Bytes + Alignment));
        _data = (byte*)(((nuint)_allocation + Alignment - 1) & ~(Alignment - 1));
    }

    /// <summary>Frees what was not disposed.</summary>
    ~KvStorage() => Free();

    /// <summary>Layers with attention.</summary>
    public int Layers { get; }

    /// <summary>Blocks; block ids are below it.</summary>
    public int Blocks { get; }

    /// <summary>Key and value heads of a layer.</summary>
    public int KeyValueHeads { get; }

    /// <summary>Elements of a key of one head.</summary>
    public int KeySize { get; }

    /// <summary>Elements of a value of one head.</summary>
    public int ValueSize { get; }

    /// <summary>How elements are kept.</summary>
    public KvElementType Type { get; }

    /// <summary>Bytes reserved.</summary>
    public long Bytes { get; }

    /// <summary>
    /// Elements from one value to the next in a block: the value's size rounded up to whole vectors; the rest stays zero.
    /// </summary>
    internal int ValueStride { get; }

    /// <summary>Bytes that storage of this shape reserves.</summary>
    /// <param name="layers">Layers with attention.</param>
    /// <param name="blocks">Blocks of <see cref="BlockTokens"/> positions.</param>
    /// <param name="keyValueHeads">Key and value heads of a layer.</param>
    /// <param name="keySize">Elements of a key of one head.</param>
    /// <param name="valueSize">Elements of a value of one head.</param>
    /// <param name="type">How elements are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is not positive or the type is not one.</exception>
    /// <exception cref="OverflowException">The size does not fit in 63 bits.</exception>
    public static long BytesFor(int layers, int blocks, int keyValueHeads, int keySize, int valueSize, KvElementType type)
    {
        OperationArgument.ThrowIfNotPositive(layers);
        OperationArgument.ThrowIfNotPositive(blocks);
        OperationArgument.ThrowIfNotPositive(keyValueHeads);
        OperationArgument.ThrowIfNotPositive(keySize);
        OperationArgument.ThrowIfNotPositive(valueSize);
        long perPosition = (((long)keySize + PaddedValue(valueSize)) * ElementBytes(type)) + (2 * ScaleBytes(type));
        return checked(perPosition * BlockTokens * keyValueHeads * layers * blocks);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Throws when the memory is gone.</summary>
    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_data is null, this);

    /// <summary>Keys of one head in one block: [dimension][position]. The caller has checked the indices.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* Keys(int block, int layer, int head) => _data + (block * _blockBytes) + (layer * _layerBytes) + (head * _headBytes);

    /// <summary>Values of one head in one block: [position][<see cref="ValueStride"/>]. The caller has checked the indices.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* Values(int block, int layer, int head) => Keys(block, layer, head) + _valueOffset;

    /// <summary>The factors of the keys of one head in one block, [position]; only of halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal float* KeyScales(int block, int layer, int head) => (float*)(Keys(block, layer, head) + _keyScaleOffset);

    /// <summary>The factors of the values of one head in one block, [position]; only of halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal float* ValueScales(int block, int layer, int head) => (float*)(Keys(block, layer, head) + _valueScaleOffset);

    private static int ScaleBytes(KvElementType type) => type == KvElementType.F16 ? sizeof(float) : 0;

    private static int ElementBytes(KvElementType type) => type switch
    {
        KvElementType.F16 => sizeof(ushort),
        KvElementType.F32 => sizeof(float),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type of keys and values."),
    };

    private static int PaddedValue(int valueSize) => checked(valueSize + ValuePadding - 1) & -ValuePadding;

    private void Free()
    {
        NativeMemory.Free(_allocation);
        _allocation = null;
        _data = null;
    }
}
