using System.Buffers.Binary;

namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>How a field of a protobuf message is written.</summary>
internal enum ProtobufWireType
{
    /// <summary>A number of 1 to 10 bytes.</summary>
    Varint = 0,

    /// <summary>8 bytes.</summary>
    Fixed64 = 1,

    /// <summary>A length and bytes.</summary>
    Bytes = 2,

    /// <summary>4 bytes.</summary>
    Fixed32 = 5,
}

/// <summary>Reads the fields of a protobuf message one by one; whatever the bytes are, it ends or throws.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, string path)
{
    private const int MaxVarintBytes = 10;
    private readonly string _path = path;
    private ReadOnlySpan<byte> _rest = message;
    private ProtobufWireType _type;

    /// <summary>The number of the field that was moved to.</summary>
    public int Field { get; private set; }

    /// <summary>Moves to the next field.</summary>
    /// <returns>False at the end.</returns>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        ulong tag = Varint();
        _type = (ProtobufWireType)(tag & 7);
        if (tag >> 3 is 0 or > 536_870_911 || !Enum.IsDefined(_type))
        {
            throw Damaged();
        }

        Field = (int)(tag >> 3);
        return true;
    }

    /// <summary>The field's bytes: a text, or a message.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        Require(ProtobufWireType.Bytes);
        ulong length = Varint();
        return length <= (ulong)_rest.Length ? Take((int)length) : throw Damaged();
    }

    /// <summary>The field's whole number.</summary>
    public long Integer()
    {
        Require(ProtobufWireType.Varint);
        return (long)Varint();
    }

    /// <summary>The field's 32-bit float.</summary>
    public float Single()
    {
        Require(ProtobufWireType.Fixed32);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));
    }

    /// <summary>Passes over the field.</summary>
    public void Skip()
    {
        switch (_type)
        {
            case ProtobufWireType.Varint:
                Varint();
                break;
            case ProtobufWireType.Fixed64:
                Take(sizeof(ulong));
                break;
            case ProtobufWireType.Bytes:
                Bytes();
                break;
            default:
                Take(sizeof(uint));
                break;
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int i = 0; i < MaxVarintBytes && i < _rest.Length; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw Damaged();
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw Damaged();
        }

        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private readonly void Require(ProtobufWireType type)
    {
        if (_type != type)
        {
            throw Damaged();
        }
    }

    private readonly ConversionException Damaged() =>
        ConversionException.InvalidFile(_path, "it is not a SentencePiece model, or it is damaged: download it again.");
}
