using Hearth.Kernels.Memory;
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
    /// <exception cref="ArgumentException">A span does not have the elements of its shape, or a slot or the layer is not there.</exception>
    /// <exception cref="ObjectDisposedException">The storage was disposed.</exception>
    public static void Run(
        ComputePool pool, KvStorage storage, int layer, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, ReadOnlySpan<int> slots) =>
        Run(InstructionSets.Level, pool, storage, layer, keys, values, slots);

    internal static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        KvStorage storage,
        int layer,
        ReadOnlySpan<float> keys,
        ReadOnlySpan<float> values,
        ReadOnlySpan<int> slots)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(storage);
        storage.ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, storage.Layers);
        KvLayerMemory memory = storage.Memory(layer);
        (int heads, int keySize, int valueSize) = memory.Shape;
        OperationArgument.ThrowIfLengthDiffers(
            keys.Length, (long)slots.Length * heads * keySize, "[tokens, keyValueHeads, keySize]", nameof(keys));
        OperationArgument.ThrowIfLengthDiffers(
            values.Length, (long)slots.Length * heads * valueSize, "[tokens, keyValueHeads, valueSize]", nameof(values));
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
                Memory = memory,
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

    /// <summary>
    /// Keys of one block share cache lines, so the shares of the workers end between blocks where the slots are in order.
    /// </summary>
    private struct Job : IParallelJob
    {
        public InstructionSetLevel Level;
        public KvLayerMemory Memory;
        public float* Keys;
        public float* Values;
        public int* Slots;
        public int Tokens;

        public readonly void Execute(int worker, int workers)
        {
            (int start, int end) = WorkRange.Of(Tokens, worker, workers);
            start = RunEnd(start);
            end = RunEnd(end);
            while (start < end)
            {
                int runEnd = RunEnd(start + 1);
                for (int head = 0; head < Memory.Shape.KeyValueHeads; head++)
                {
                    if (Memory.Type == KvElementType.F16)
                    {
                        StoreHalves(start, runEnd - start, head);
                    }
                    else
                    {
                        StoreFloats(start, runEnd - start, head);
                    }
                }

                start = runEnd;
            }
        }

        /// <summary>The first token from <paramref name="token"/> on that does not follow its predecessor in the same block.</summary>
        private readonly int RunEnd(int token)
        {
            while (token > 0 && token < Tokens && Slots[token] == Slots[token - 1] + 1 && Slots[token] % KvStorage.BlockTokens != 0)
            {
                token++;
            }

            return token;
        }

        private readonly float* Key(int token, int head) =>
            Keys + ((((long)token * Memory.Shape.KeyValueHeads) + head) * Memory.Shape.KeySize);

        private readonly float* Value(int token, int head) =>
            Values + ((((long)token * Memory.Shape.KeyValueHeads) + head) * Memory.Shape.ValueSize);

        private readonly void StoreHalves(int start, int count, int head)
        {
            (int block, int position) = Math.DivRem(Slots[start], KvStorage.BlockTokens);
            int size = Memory.Shape.KeySize;
            ushort* rows = (ushort*)Scratch.Rent(ScratchUse.Worker, ((long)count * size / 2) + 1);
            ushort* keys = (ushort*)Memory.Keys(block, head) + position;
            ushort* values = (ushort*)Memory.Values(block, head) + ((long)position * Memory.ValueStride);
            float* keyScales = Memory.KeyScales(block, head) + position;
            float* valueScales = Memory.ValueScales(block, head) + position;
            for (int i = 0; i < count; i++)
            {
                keyScales[i] = ScaledHalves.Encode(Level, Key(start + i, head), rows + ((long)i * size), size);
                valueScales[i] = ScaledHalves.Encode(
                    Level, Value(start + i, head), values + ((long)i * Memory.ValueStride), Memory.Shape.ValueSize);
            }

            for (int d = 0; d < size; d++, keys += KvStorage.BlockTokens)
            {
                for (int i = 0; i < count; i++)
                {
                    keys[i] = rows[((long)i * size) + d];
                }
            }
        }

        private readonly void StoreFloats(int start, int count, int head)
        {
            (int block, int position) = Math.DivRem(Slots[start], KvStorage.BlockTokens);
            float* keys = (float*)Memory.Keys(block, head) + position;
            float* values = (float*)Memory.Values(block, head) + ((long)position * Memory.ValueStride);
            int size = Memory.Shape.ValueSize;
            for (int i = 0; i < count; i++)
            {
                float* key = Key(start + i, head);
                for (int d = 0; d < Memory.Shape.KeySize; d++)
                {
                    keys[((long)d * KvStorage.BlockTokens) + i] = key[d];
                }

                float* value = values + ((long)i * Memory.ValueStride);
                new ReadOnlySpan<float>(Value(start + i, head), size).CopyTo(new Span<float>(value, size));
            }
        }
    }
}
