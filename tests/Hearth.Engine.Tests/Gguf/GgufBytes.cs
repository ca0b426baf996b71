using System.Buffers.Binary;
using System.Text;
using Hearth.Engine.Gguf;

namespace Hearth.Tests.Gguf;

/// <summary>Writes GGUF bytes field by field, right or wrong; <see cref="Fields"/> says where each field begins.</summary>
internal sealed class GgufBytes
{
    private readonly List<byte> _bytes = [];

    public GgufBytes(uint version = 3, ulong tensors = 0, ulong pairs = 0) => Raw("GGUF"u8).U32(version).U64(tensors).U64(pairs);

    public List<int> Fields { get; } = [];

    public GgufBytes U8(byte value) => Raw([value]);

    public GgufBytes U16(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return Raw(bytes);
    }

    public GgufBytes U32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }

    public GgufBytes U64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Raw(bytes);
    }

    public GgufBytes Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public GgufBytes Text(ReadOnlySpan<byte> bytes) => U64((ulong)bytes.Length).Raw(bytes);

    public GgufBytes Key(string key, GgufValueType type) => Text(key).U32((uint)type);

    public GgufBytes Array(string key, GgufValueType elementType, ulong count) =>
        Key(key, GgufValueType.Sequence).U32((uint)elementType).U64(count);

    public GgufBytes Tensor(string name, uint type, ulong offset, params ReadOnlySpan<ulong> dimensions)
    {
        Text(name).U32((uint)dimensions.Length);
        foreach (ulong dimension in dimensions)
        {
            U64(dimension);
        }

        return U32(type).U64(offset);
    }

    /// <summary>Zeros up to a multiple of <paramref name="alignment"/>, then <paramref name="count"/> bytes of data.</summary>
    public GgufBytes Data(int count, int alignment = 32)
    {
        _bytes.AddRange(new byte[(alignment - (_bytes.Count % alignment)) % alignment]);
        _bytes.AddRange(new byte[count]);
        return this;
    }

    public GgufBytes Raw(ReadOnlySpan<byte> bytes)
    {
        Fields.Add(_bytes.Count);
        _bytes.AddRange(bytes);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];

    public GgufHeader Parse() => GgufHeader.Parse(ToArray(), _bytes.Count);
}
