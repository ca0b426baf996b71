using Hearth.Kernels.Memory;

namespace Hearth.Kernels.Attention;

/// <summary>
/// The keys and values of one model in blocks of <see cref="BlockTokens"/> positions. Layout <c>[block][layer][head]{keys
/// [dimension][position], key scales [scale][position], values [position][dimension], value scales [scale][position]}</c>; every layer has
/// its own number of heads and sizes. Keys lie so that vector lanes are positions, and a block is one piece of memory. Scales are BF16:
/// none for <see cref="KvElementType.BF16"/> and <see cref="KvElementType.F32"/>, one per vector for <see cref="KvElementType.F16"/>, one
/// per 32 dimensions for <see cref="KvElementType.Q8_0"/>. Of 32 neighbouring BF16 elements (or scales) of a row, the i-th and the (i +
/// 16)-th are neighbours.
/// Memory that was never written is not committed.
/// </summary>
public sealed unsafe class KvStorage : IDisposable
{
    /// <summary>Positions of a block.</summary>
    public const int BlockTokens = 32;

    private const nuint Alignment = 64;
    private readonly KvLayerMemory[] _layers;
    private readonly byte* _blocks;
    private void* _allocation;

    /// <summary>Reserves zeroed memory.</summary>
    /// <param name="layers">The layers with attention; none for a model without attention, whose storage has no bytes.</param>
    /// <param name="blocks">Blocks of <see cref="BlockTokens"/> positions.</param>
    /// <param name="type">How elements are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is not positive or the type is not one.</exception>
    /// <exception cref="OverflowException">The size does not fit in 63 bits.</exception>
    /// <exception cref="OutOfMemoryException">The machine refuses the memory.</exception>
    public KvStorage(IReadOnlyList<KvLayerShape> layers, int blocks, KvElementType type)
    {
        Bytes = BytesFor(layers, blocks, type);
        Blocks = blocks;
        Type = type;
        _allocation = NativeBlock.AllocateZeroed(checked((nuint)Bytes + Alignment));
        _blocks = (byte*)(((nuint)_allocation + Alignment - 1) & ~(Alignment - 1));
        byte* data = _blocks;
        _layers = new KvLayerMemory[layers.Count];
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer] = new KvLayerMemory(data, Bytes / blocks, layers[layer], type);
            data += KvLayerMemory.BytesPerBlock(layers[layer], type);
        }
    }

    /// <summary>Frees what was not disposed.</summary>
    ~KvStorage() => Free();

    /// <summary>Number of layers with attention.</summary>
    public int Layers => _layers.Length;

    /// <summary>Blocks; block ids are below it.</summary>
    public int Blocks { get; }

    /// <summary>How elements are kept.</summary>
    public KvElementType Type { get; }

    /// <summary>Bytes reserved.</summary>
    public long Bytes { get; }

    /// <summary>Bytes that storage of these layers reserves.</summary>
    /// <param name="layers">The layers with attention.</param>
    /// <param name="blocks">Blocks of <see cref="BlockTokens"/> positions.</param>
    /// <param name="type">How elements are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is not positive or the type is not one.</exception>
    /// <exception cref="OverflowException">The size does not fit in 63 bits.</exception>
    public static long BytesFor(IReadOnlyList<KvLayerShape> layers, int blocks, KvElementType type)
    {
        ArgumentNullException.ThrowIfNull(layers);
        OperationArgument.ThrowIfNotPositive(blocks);
        KvElementLayout.Of(type);
        long bytesPerBlock = 0;
        foreach (KvLayerShape layer in layers)
        {
            bytesPerBlock = checked(bytesPerBlock + KvLayerMemory.BytesPerBlock(layer, type));
        }

        return checked(bytesPerBlock * blocks);
    }

    /// <summary>Bytes of one block, all layers together.</summary>
    public long BlockBytes => Bytes / Blocks;

    /// <summary>The memory of a block, to save it and to fill it again; valid while the storage is not disposed.</summary>
    /// <param name="block">Below <see cref="Blocks"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    /// <exception cref="OverflowException">A block has more bytes than a span holds.</exception>
    /// <exception cref="ObjectDisposedException">The storage is disposed.</exception>
    public Span<byte> Block(int block)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfNegative(block);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(block, Blocks);
        return new Span<byte>(_blocks + (block * BlockBytes), checked((int)BlockBytes));
    }

    /// <summary>Heads and sizes of a layer.</summary>
    /// <param name="layer">Below <see cref="Layers"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public KvLayerShape Layer(int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, Layers);
        return _layers[layer].Shape;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Where a layer's keys and values are. The caller has checked the layer and keeps the storage alive.</summary>
    internal KvLayerMemory Memory(int layer) => _layers[layer];

    /// <summary>Throws when the memory is gone.</summary>
    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_allocation is null, this);

    private void Free()
    {
        NativeBlock.Free(_allocation);
        _allocation = null;
    }
}
