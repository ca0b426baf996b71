using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// A hash table from byte strings to ids. One block of bytes and one array of slots: a vocabulary of 150 000 tokens is read in a few
/// milliseconds. The hash
/// has a random seed for each process, so that no file can be made to collide.
/// </summary>
internal sealed class ByteStringTable
{
    private const int Absent = -1;
    private const ulong Multiplier = 0x9E3779B97F4A7C15;
    private static readonly ulong s_seed = (ulong)Random.Shared.NextInt64();

    private byte[] _bytes;
    private int _byteCount;
    private Slot[] _slots;

    /// <param name="expectedCount">The number of strings that is expected.</param>
    /// <param name="expectedBytes">Their bytes.</param>
    public ByteStringTable(int expectedCount, int expectedBytes)
    {
        _bytes = new byte[Math.Max(16, expectedBytes)];
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, expectedCount * 2L))];
    }

    /// <summary>The number of strings.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of the longest string.</summary>
    public int LongestKey { get; private set; }

    /// <summary>The id of a string, or -1.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        if (key.Length > LongestKey)
        {
            return Absent;
        }

        ref Slot slot = ref FindSlot(key, Hash(key));
        return slot.IsFree ? Absent : slot.Value;
    }

    /// <summary>Adds a string.</summary>
    /// <returns>The id that the string has: another one than <paramref name="value"/> when it was there before.</returns>
    public int GetOrAdd(ReadOnlySpan<byte> key, int value)
    {
        uint hash = Hash(key);
        ref Slot slot = ref FindSlot(key, hash);
        if (!slot.IsFree)
        {
            return slot.Value;
        }

        if (_byteCount + key.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(checked(_byteCount + key.Length), (int)Math.Min(Array.MaxLength, 2L * _bytes.Length)));
        }

        key.CopyTo(_bytes.AsSpan(_byteCount));
        slot = new Slot(hash, _byteCount, key.Length, value);
        _byteCount += key.Length;
        LongestKey = Math.Max(LongestKey, key.Length);
        if (++Count * 2 > _slots.Length)
        {
            Grow();
        }

        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot FindSlot(ReadOnlySpan<byte> key, uint hash)
    {
        Slot[] slots = _slots;
        int index = (int)hash & (slots.Length - 1);
        while (true)
        {
            ref Slot slot = ref slots[index];
            if (slot.IsFree || (slot.Hash == hash && key.SequenceEqual(_bytes.AsSpan(slot.Start, slot.Length))))
            {
                return ref slot;
            }

            index = (index + 1) & (slots.Length - 1);
        }
    }

    private void Grow()
    {
        Slot[] slots = new Slot[_slots.Length * 2];
        foreach (Slot slot in _slots)
        {
            int index = (int)slot.Hash & (slots.Length - 1);
            while (!slot.IsFree && !slots[index].IsFree)
            {
                index = (index + 1) & (slots.Length - 1);
            }

            if (!slot.IsFree)
            {
                slots[index] = slot;
            }
        }

        _slots = slots;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(ReadOnlySpan<byte> key)
    {
        ulong hash = s_seed ^ (ulong)key.Length;
        while (key.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(key));
            key = key[sizeof(ulong)..];
        }

        ulong rest = 0;
        for (int i = 0; i < key.Length; i++)
        {
            rest |= (ulong)key[i] << (8 * i);
        }

        hash = Mix(hash ^ rest);
        return (uint)(hash ^ (hash >> 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, Multiplier, out ulong low);
        return high ^ low;
    }

    // A free slot is all zeros; lengths are kept one higher, so no other slot is.
    private readonly struct Slot(uint hash, int start, int length, int value)
    {
        private readonly int _lengthPlusOne = length + 1;

        public readonly uint Hash = hash;

        public readonly int Start = start;

        public readonly int Value = value;

        public bool IsFree => _lengthPlusOne == 0;

        public int Length => _lengthPlusOne - 1;
    }
}
