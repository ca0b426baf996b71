using System.Runtime.InteropServices;

namespace Hearth.Engine.Gguf;

/// <summary>Reads metadata values. What is allocated is bounded by the bytes that are there.</summary>
internal static class GgufValueReader
{
    /// <summary>Arrays in arrays; none of the known keys has any.</summary>
    public const int MaxDepth = 8;

    public static GgufValue Read(ref GgufCursor cursor, string key)
    {
        GgufValueType type = ReadType(ref cursor, key);
        return type == GgufValueType.Sequence ? ReadArray(ref cursor, key, depth: 1) : ReadScalar(ref cursor, key, type);
    }

    private static GgufValueType ReadType(ref GgufCursor cursor, string key)
    {
        int at = cursor.Position;
        uint type = cursor.ReadUInt32("a metadata value's type");
        return type <= (uint)GgufValueType.F64 ? (GgufValueType)type : throw GgufException.UnknownValueType(key, type, at);
    }

    private static GgufValue ReadScalar(ref GgufCursor cursor, string key, GgufValueType type)
    {
        const string What = "a metadata value";
        return type switch
        {
            GgufValueType.U8 => cursor.ReadByte(What),
            GgufValueType.I8 => (sbyte)cursor.ReadByte(What),
            GgufValueType.U16 => cursor.ReadUInt16(What),
            GgufValueType.I16 => (short)cursor.ReadUInt16(What),
            GgufValueType.U32 => cursor.ReadUInt32(What),
            GgufValueType.I32 => (int)cursor.ReadUInt32(What),
            GgufValueType.F32 => GgufValue.FromBits(type, cursor.ReadUInt32(What)),
            GgufValueType.Boolean => ReadBoolean(ref cursor, key),
            GgufValueType.Text => GgufText.Decode(cursor.ReadBytes("a text value")),
            _ => GgufValue.FromBits(type, (long)cursor.ReadUInt64(What)),
        };
    }

    private static bool ReadBoolean(ref GgufCursor cursor, string key)
    {
        int at = cursor.Position;
        byte value = cursor.ReadByte("a boolean");
        return value <= 1 ? value == 1 : throw GgufException.InvalidBoolean(key, value, at);
    }

    private static GgufValue ReadArray(ref GgufCursor cursor, string key, int depth)
    {
        if (depth > MaxDepth)
        {
            throw GgufException.NestingTooDeep(key, MaxDepth);
        }

        return ReadType(ref cursor, key) switch
        {
            GgufValueType.U8 => ReadNumbers<byte>(ref cursor, 1),
            GgufValueType.I8 => ReadNumbers<sbyte>(ref cursor, 1),
            GgufValueType.U16 => ReadNumbers<ushort>(ref cursor, 2),
            GgufValueType.I16 => ReadNumbers<short>(ref cursor, 2),
            GgufValueType.U32 => ReadNumbers<uint>(ref cursor, 4),
            GgufValueType.I32 => ReadNumbers<int>(ref cursor, 4),
            GgufValueType.F32 => ReadNumbers<float>(ref cursor, 4),
            GgufValueType.Boolean => ReadBooleans(ref cursor, key),
            GgufValueType.Text => ReadTexts(ref cursor),
            GgufValueType.Sequence => ReadArrays(ref cursor, key, depth),
            GgufValueType.U64 => ReadNumbers<ulong>(ref cursor, 8),
            GgufValueType.I64 => ReadNumbers<long>(ref cursor, 8),
            _ => ReadNumbers<double>(ref cursor, 8),
        };
    }

    // Little-endian files on little-endian machines: every machine that .NET 10 supports but s390x.
    private static T[] ReadNumbers<T>(ref GgufCursor cursor, int itemBytes)
        where T : unmanaged
    {
        int count = cursor.ReadCount(itemBytes, "array items");
        ReadOnlySpan<byte> bytes = cursor.Take(count * itemBytes, "array items");
        T[] items = count == 0 ? [] : GC.AllocateUninitializedArray<T>(count);
        bytes.CopyTo(MemoryMarshal.AsBytes(items.AsSpan()));
        return items;
    }

    private static bool[] ReadBooleans(ref GgufCursor cursor, string key)
    {
        bool[] items = new bool[cursor.ReadCount(1, "array items")];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = ReadBoolean(ref cursor, key);
        }

        return items;
    }

    private static string[] ReadTexts(ref GgufCursor cursor)
    {
        string[] items = new string[cursor.ReadCount(8, "array items")];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = GgufText.Decode(cursor.ReadBytes("a text value"));
        }

        return items;
    }

    private static GgufValue[] ReadArrays(ref GgufCursor cursor, string key, int depth)
    {
        GgufValue[] items = new GgufValue[cursor.ReadCount(12, "array items")];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = ReadArray(ref cursor, key, depth + 1);
        }

        return items;
    }
}
