using System.Buffers.Binary;

namespace Hearth.Engine.Gguf;

/// <summary>Reads forward through a header; every read is checked against what is left.</summary>
internal ref struct GgufCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public byte ReadByte(string what) => Take(1, what)[0];

    public ushort ReadUInt16(string what) => BinaryPrimitives.ReadUInt16LittleEndian(Take(2, what));

    public uint ReadUInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public ulong ReadUInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>A count whose items take at least <paramref name="itemBytes"/> each; it is believed only when they can follow.</summary>
    public int ReadCount(int itemBytes, string what)
    {
        int at = Position;
        ulong count = ReadUInt64(what);
        return count <= (ulong)(Remaining / itemBytes) ? (int)count : throw GgufException.CountTooLarge(what, count, at, Remaining);
    }

    /// <summary>Bytes with a 64-bit length before them.</summary>
    public ReadOnlySpan<byte> ReadBytes(string what)
    {
        int at = Position;
        ulong length = ReadUInt64(what);
        return length <= (ulong)Remaining
            ? Take((int)length, what)
            : throw GgufException.CountTooLarge($"bytes of {what}", length, at, Remaining);
    }

    public ReadOnlySpan<byte> Take(int length, string what)
    {
        if (length > Remaining)
        {
            throw GgufException.Truncated(what, Position, length, Remaining);
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(Position, length);
        Position += length;
        return taken;
    }
}
