using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;
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
            Store store = new()
            {
                Level = level,
                Pool = pool,
                Parallel = slots.Length > 1 && keys.Length + (long)values.Length > SerialLimit,
                Memory = memory,
                Keys = pointerKeys,
                Values = pointerValues,
                Slots = pointerSlots,
                Tokens = slots.Length,
            };
            KvElements.Dispatch(memory.Type, ref store);
        }

        GC.KeepAlive(storage);
    }

    /// <summary>The arguments as they are shared out.</summary>
    private struct Store : IKvElementAction
    {
        public InstructionSetLevel Level;
        public ComputePool Pool;
        public bool Parallel;
        public KvLayerMemory Memory;
        public float* Keys;
        public float* Values;
        public int* Slots;
        public int Tokens;

        public readonly void Run<TElements>()
            where TElements : struct, IKvElements
        {
            Job<TElements> job = new() { Arguments = this };
            if (Parallel)
            {
                Pool.Run(ref job);
            }
            else
            {
                job.Execute(0, 1);
            }
        }

        public readonly float* Key(int token, int head) =>
            Keys + ((((long)token * Memory.Shape.KeyValueHeads) + head) * Memory.Shape.KeySize);

        public readonly float* Value(int token, int head) =>
            Values + ((((long)token * Memory.Shape.KeyValueHeads) + head) * Memory.Shape.ValueSize);

        /// <summary>The first token from <paramref name="token"/> on that does not follow its predecessor in the same block.</summary>
        public readonly int RunEnd(int token)
        {
            while (token > 0 && token < Tokens && Slots[token] == Slots[token - 1] + 1 && Slots[token] % KvStorage.BlockTokens != 0)
            {
                token++;
            }

            return token;
        }
    }

    /// <summary>
    /// Keys of one block share cache lines, so the shares of the workers end between blocks where the slots are in order.
    /// </summary>
    private struct Job<TElements> : IParallelJob
        where TElements : struct, IKvElements
    {
        public Store Arguments;

        public readonly void Execute(int worker, int workers)
        {
            KvLayerMemory memory = Arguments.Memory;
            (int start, int end) = WorkRange.Of(Arguments.Tokens, worker, workers);
            start = Arguments.RunEnd(start);
            end = Arguments.RunEnd(end);
            while (start < end)
            {
                int runEnd = Arguments.RunEnd(start + 1);
                (int block, int position) = Math.DivRem(Arguments.Slots[start], KvStorage.BlockTokens);
                for (int head = 0; head < memory.Shape.KeyValueHeads; head++)
                {
                    StoreKeys(start, runEnd - start, memory.Keys(block, head), memory.KeyScales(block, head), position, head);
                    StoreValues(start, runEnd - start, memory.Values(block, head), memory.ValueScales(block, head), position, head);
                }

                start = runEnd;
            }
        }

        private readonly void StoreKeys(int start, int count, byte* keys, ushort* scales, int position, int head)
        {
            int size = Arguments.Memory.Shape.KeySize;
            int scaleCount = Arguments.Memory.Layout.Scales(size);
            long rowFloats = (((long)size * TElements.Size) + sizeof(float) - 1) / sizeof(float);
            float* newScales = Scratch.Rent(ScratchUse.Worker, (rowFloats * count) + scaleCount);
            byte* rows = (byte*)(newScales + scaleCount);
            long stride = rowFloats * sizeof(float);
            for (int i = 0; i < count; i++)
            {
                Encode(Arguments.Key(start + i, head), rows + (i * stride), size, newScales);
                StoreScales(newScales, scaleCount, scales, position + i);
            }

            switch (TElements.Size)
            {
                case sizeof(byte):
                    Transpose<byte>(rows, stride, count, keys, position, size);
                    break;
                case sizeof(ushort):
                    Transpose<ushort>(rows, stride, count, keys, position, size);
                    break;
                default:
                    Transpose<float>(rows, stride, count, keys, position, size);
                    break;
            }
        }

        private readonly void StoreValues(int start, int count, byte* values, ushort* scales, int position, int head)
        {
            int size = Arguments.Memory.Shape.ValueSize;
            int scaleCount = Arguments.Memory.Layout.Scales(size);
            long stride = (long)Arguments.Memory.ValueStride * TElements.Size;
            float* newScales = Scratch.Rent(ScratchUse.Worker, scaleCount + Arguments.Memory.ValueStride);
            ushort* row = (ushort*)(newScales + scaleCount);
            for (int i = 0; i < count; i++)
            {
                byte* destination = values + ((position + i) * stride);
                if (TElements.Place(1) == 1)
                {
                    Encode(Arguments.Value(start + i, head), destination, size, newScales);
                }
                else
                {
                    Encode(Arguments.Value(start + i, head), (byte*)row, size, newScales);
                    for (int d = 0; d < size; d++)
                    {
                        ((ushort*)destination)[(d & -KvStorage.BlockTokens) + TElements.Place(d % KvStorage.BlockTokens)] = row[d];
                    }
                }

                StoreScales(newScales, scaleCount, scales, position + i);
            }
        }

        private static void Transpose<T>(byte* rows, long stride, int count, byte* keys, int position, int size)
            where T : unmanaged
        {
            for (int d = 0; d < size; d++)
            {
                T* destination = (T*)keys + ((long)d * KvStorage.BlockTokens);
                for (int i = 0; i < count; i++)
                {
                    destination[TElements.Place(position + i)] = ((T*)(rows + (i * stride)))[d];
                }
            }
        }

        private static void StoreScales(float* newScales, int count, ushort* scales, int position)
        {
            for (int i = 0; i < count; i++)
            {
                scales[(i * KvStorage.BlockTokens) + BFloat16Elements.Place(position)] = BFloat16Elements.Round(newScales[i]);
            }
        }

        private readonly void Encode(float* source, byte* destination, int count, float* scales)
        {
            switch (Arguments.Level)
            {
                case InstructionSetLevel.Avx512:
                    TElements.Encode<Lanes512>(source, destination, count, scales);
                    break;
                case InstructionSetLevel.Avx2:
                    TElements.Encode<Lanes256>(source, destination, count, scales);
                    break;
                case InstructionSetLevel.Neon:
                    TElements.Encode<Lanes128>(source, destination, count, scales);
                    break;
                default:
                    TElements.EncodeReference(source, destination, count, scales);
                    break;
            }
        }
    }
}
