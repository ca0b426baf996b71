using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Attention;

/// <summary>Writes keys and values of new tokens into a <see cref="KvStorage"/>, rounded to its element type (to nearest even).</summary>
public static unsafe class KvStoreOp
{
    private const int SerialLimit = 4096;

    /// <summary>Stores one key and one value per head and token.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="storage">Where.</param>
    /// <param name="layer">The storage's layer.</param>
    /// <param name="keys">[tokens, keyValueHeads, keySize].</param>
    /// <param name="values">[tokens, keyValueHeads, valueSize].</param>
    /// <param name="slots">[tokens]: block * <see cref="KvStorage.BlockTokens"/> + position inside the block; no slot twice.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape, or a slot or the layer is not in the storage.</exception>
    /// <exception cref="ObjectDisposedException">The storage was disposed.</exception>
    public static void Run(
        ComputePool pool, KvStorage storage, int layer, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, ReadOnlySpan<int> slots) =>
        Run(InstructionSets.Level, pool, storage, layer, keys, values, slots);

    internal static void Run(
        InstructionSetLevel level, ComputePool pool, KvStorage storage, int layer, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, ReadOnlySpan<int> slots)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(storage);
        storage.ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, storage.Layers);
        int heads = storage.KeyValueHeads;
        OperationArgument.ThrowIfLengthDiffers(
            keys.Length, (long)slots.Length * heads * storage.KeySize, "[tokens, keyValueHeads, keySize]", nameof(keys));
        OperationArgument.ThrowIfLengthDiffers(
            values.Length, (long)slots.Length * heads * storage.ValueSize, "[tokens, keyValueHeads, valueSize]", nameof(values));
        long capacity = (long)storage.Blocks * KvStorage.BlockTokens;
        foreach (int slot in slots)
        {
            if ((uint)slot >= capacity)
            {
                throw new ArgumentException($"Slot {slot} is not in a storage of {capacity} positions.", nameof(slots));
            }
        }

        fixed (float* pointerKeys = keys, pointerValues = values)
        fixed (int* pointerSlots = slots)
        {
            Job job = new()
            {
                Level = level,
                Storage = storage,
                Layer = layer,
                Keys = pointerKeys,
                Values = pointerValues,
                Slots = pointerSlots,
                Tokens = slots.Length,
            };
            if (slots.Length == 1 || keys.Length + (long)values.Length <= SerialLimit)
            {
                job.Execute(0, 1);
            }
            else
            {
                pool.Run(ref job);
            }
        }

        GC.KeepAlive(storage);
    }

    /// <summary>Keys of neighbouring positions share cache lines, so workers split heads and dimensions and not tokens.</summary>
    private struct Job : IParallelJob
    {
        public InstructionSetLevel Level;
        public KvStorage Storage;
        public int Layer;
        public float* Keys;
        public float* Values;
        public int* Slots;
        public int Tokens;

        public readonly void Execute(int worker, int workers)
        {
            int heads = Storage.KeyValueHeads;
            (int keyStart, int keyEnd) = WorkRange.Of(heads * Storage.KeySize, worker, workers, 16);
            (int valueStart, int valueEnd) = WorkRange.Of(Tokens * heads, worker, workers);
            for (int token = 0; token < Tokens; token++)
            {
                (int block, int position) = Math.DivRem(Slots[token], KvStorage.BlockTokens);
                StoreKeys(Keys + ((long)token * heads * Storage.KeySize), block, position, keyStart, keyEnd);
            }

            for (int item = valueStart; item < valueEnd; item++)
            {
                (int token, int head) = Math.DivRem(item, heads);
                (int block, int position) = Math.DivRem(Slots[token], KvStorage.BlockTokens);
                StoreValue(Values + ((long)item * Storage.ValueSize), block, position, head);
            }
        }

        private readonly void StoreKeys(float* keys, int block, int position, int start, int end)
        {
            int size = Storage.KeySize;
            ushort* halves = stackalloc ushort[16];
            int count;
            for (int index = start; index < end; index += count)
            {
                (int head, int dimension) = Math.DivRem(index, size);
                count = Math.Min(Math.Min(16, size - dimension), end - index);
                byte* column = Storage.Keys(block, Layer, head);
                long offset = ((long)dimension * KvStorage.BlockTokens) + position;
                if (Storage.Type == KvElementType.F16)
                {
                    HalfConversion.FromSingle(Level, keys + index, halves, count);
                    ushort* destination = (ushort*)column + offset;
                    for (int i = 0; i < count; i++)
                    {
                        destination[i * KvStorage.BlockTokens] = halves[i];
                    }
                }
                else
                {
                    float* destination = (float*)column + offset;
                    for (int i = 0; i < count; i++)
                    {
                        destination[i * KvStorage.BlockTokens] = keys[index + i];
                    }
                }
            }
        }

        private readonly void StoreValue(float* value, int block, int position, int head)
        {
            byte* values = Storage.Values(block, Layer, head);
            long offset = (long)position * Storage.ValueStride;
            if (Storage.Type == KvElementType.F16)
            {
                HalfConversion.FromSingle(Level, value, (ushort*)values + offset, Storage.ValueSize);
            }
            else
            {
                new ReadOnlySpan<float>(value, Storage.ValueSize).CopyTo(new Span<float>((float*)values + offset, Storage.ValueSize));
            }
        }
    }
}
