using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// A hash table from byte strings to ids. One block of bytes, three arrays: a vocabulary of 150 000 tokens is read in a few milliseconds. The hash
/// has a random seed for each process, so that no file can be made to collide.
/// </summary>
internal sealed class ByteStringTable
{
    private const int Absent = -1;
    private const ulong Multiplier = 0x9E3779B97F4A7C15;
    private static readonly ulong s_seed = (ulong)Random.Shared.NextInt64();

    private byte[] _bytes;
    private int[] _starts;
    private int[] _values;
    private int _byteCount;
    private int[] _slots;
    private uint[] _hashes;
    private int _mask;

    /// <param name="expectedCount">The number of strings that is expected.</param>
    /// <param name="expectedBytes">Their bytes.</param>
    public ByteStringTable(int expectedCount, int expectedBytes)
    {
        _bytes = new byte[Math.Max(16, expectedBytes)];
        _starts = new int[expectedCount + 2];
        _values = new int[expectedCount + 1];
        _slots = [];
        _hashes = [];
        Resize((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, expectedCount * 2)));
    }

    /// <summary>The number of strings.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of the longest string.</summary>
    public int LongestKey { get; private set; }

    /// <summary>The id of a string, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(ReadOnlySpan<byte> key)
    {
        if (key.Length > LongestKey)
        {
            return Absent;
        }

        int entry = FindEntry(key, Hash(key), out _);
        return entry < 0 ? Absent : _values[entry];
    }

    /// <summary>Adds a string.</summary>
    /// <returns>The id that the string has: another one than <paramref name="value"/> when it was there before.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int GetOrAdd(ReadOnlySpan<byte> key, int value)
    {
        uint hash = Hash(key);
        int entry = FindEntry(key, hash, out int slot);
        if (entry >= 0)
        {
            return _values[entry];
        }

        Append(key, value);
        _slots[slot] = Count;
        _hashes[slot] = hash;
        if (Count * 2 > _slots.Length)
        {
            Resize(_slots.Length * 2);
        }

        return value;
    }

    private void Append(ReadOnlySpan<byte> key, int value)
    {
        if (_byteCount + key.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_byteCount + key.Length, (int)Math.Min(Array.MaxLength, 2L * _bytes.Length)));
        }

        if (Count + 1 >= _starts.Length)
        {
            Array.Resize(ref _starts, 2 * _starts.Length);
            Array.Resize(ref _values, _starts.Length);
        }

        key.CopyTo(_bytes.AsSpan(_byteCount));
        _byteCount += key.Length;
        _values[Count++] = value;
        _starts[Count] = _byteCount;
        LongestKey = Math.Max(LongestKey, key.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindEntry(ReadOnlySpan<byte> key, uint hash, out int slot)
    {
        slot = (int)hash & _mask;
        while (_slots[slot] != 0)
        {
            int entry = _slots[slot] - 1;
            if (_hashes[slot] == hash && key.SequenceEqual(_bytes.AsSpan(_starts[entry], _starts[entry + 1] - _starts[entry])))
            {
                return entry;
            }

            slot = (slot + 1) & _mask;
        }

        return Absent;
    }

    private void Resize(int capacity)
    {
        int[] slots = new int[capacity];
        uint[] hashes = new uint[capacity];
        _mask = capacity - 1;
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] == 0)
            {
                continue;
            }

            int slot = (int)_hashes[i] & _mask;
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & _mask;
            }

            slots[slot] = _slots[i];
            hashes[slot] = _hashes[i];
        }

        _slots = slots;
        _hashes = hashes;
    }

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

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, Multiplier, out ulong low);
        return high ^ low;
    }
}
