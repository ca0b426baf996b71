using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Hearth.Engine.Gguf;

/// <summary>
/// One metadata value: a number, a boolean, a text, or an array of one type. Arrays are kept as arrays of their own width
/// (<c>int[]</c>, <c>float[]</c>, <c>string[]</c>), so a vocabulary costs what it costs in the file.
/// Values are not changed after they are made.
/// </summary>
public readonly struct GgufValue
{
    private readonly GgufValueType _type;
    private readonly GgufValueType _elementType;
    private readonly long _bits;
    private readonly object? _reference;

    private GgufValue(GgufValueType type, long bits)
    {
        _type = type;
        _bits = bits;
    }

    private GgufValue(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _type = GgufValueType.Text;
        _reference = text;
    }

    private GgufValue(GgufValueType elementType, Array items)
    {
        ArgumentNullException.ThrowIfNull(items);
        _type = GgufValueType.Sequence;
        _elementType = elementType;
        _reference = items;
    }

    /// <summary>The type in the file.</summary>
    public GgufValueType Type => _type;

    /// <summary>The type of an array's items; null when this is not an array.</summary>
    public GgufValueType? ElementType => IsArray ? _elementType : null;

    /// <summary>Whether this is an array.</summary>
    public bool IsArray => _type == GgufValueType.Sequence;

    /// <summary>Items of an array; 1 for everything else.</summary>
    public int Length => IsArray ? Items.Length : 1;

    /// <summary>The type's name as the field prints it: <c>u32</c>, <c>str</c>, <c>arr[f32]</c>.</summary>
    public string TypeName => IsArray ? $"arr[{NameOf(_elementType)}]" : NameOf(_type);

    internal Array Items => (Array)_reference!;

    internal long Bits => _bits;

    /// <summary>A value of 8 unsigned bits.</summary>
    public static implicit operator GgufValue(byte value) => new(GgufValueType.U8, value);

    /// <summary>A value of 8 signed bits.</summary>
    public static implicit operator GgufValue(sbyte value) => new(GgufValueType.I8, value);

    /// <summary>A value of 16 unsigned bits.</summary>
    public static implicit operator GgufValue(ushort value) => new(GgufValueType.U16, value);

    /// <summary>A value of 16 signed bits.</summary>
    public static implicit operator GgufValue(short value) => new(GgufValueType.I16, value);

    /// <summary>A value of 32 unsigned bits: what readers expect for counts and token ids.</summary>
    public static implicit operator GgufValue(uint value) => new(GgufValueType.U32, value);

    /// <summary>A value of 32 signed bits.</summary>
    public static implicit operator GgufValue(int value) => new(GgufValueType.I32, value);

    /// <summary>A value of 64 unsigned bits.</summary>
    public static implicit operator GgufValue(ulong value) => new(GgufValueType.U64, (long)value);

    /// <summary>A value of 64 signed bits.</summary>
    public static implicit operator GgufValue(long value) => new(GgufValueType.I64, value);

    /// <summary>A 32-bit float.</summary>
    public static implicit operator GgufValue(float value) => new(GgufValueType.F32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>A 64-bit float.</summary>
    public static implicit operator GgufValue(double value) => new(GgufValueType.F64, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A boolean.</summary>
    public static implicit operator GgufValue(bool value) => new(GgufValueType.Boolean, value ? 1 : 0);

    /// <summary>A text.</summary>
    public static implicit operator GgufValue(string value) => new(value);

    /// <summary>An array of 8 unsigned bits.</summary>
    public static implicit operator GgufValue(byte[] items) => new(GgufValueType.U8, items);

    /// <summary>An array of 8 signed bits.</summary>
    public static implicit operator GgufValue(sbyte[] items) => new(GgufValueType.I8, items);

    /// <summary>An array of 16 unsigned bits.</summary>
    public static implicit operator GgufValue(ushort[] items) => new(GgufValueType.U16, items);

    /// <summary>An array of 16 signed bits.</summary>
    public static implicit operator GgufValue(short[] items) => new(GgufValueType.I16, items);

    /// <summary>An array of 32 unsigned bits.</summary>
    public static implicit operator GgufValue(uint[] items) => new(GgufValueType.U32, items);

    /// <summary>An array of 32 signed bits.</summary>
    public static implicit operator GgufValue(int[] items) => new(GgufValueType.I32, items);

    /// <summary>An array of 64 unsigned bits.</summary>
    public static implicit operator GgufValue(ulong[] items) => new(GgufValueType.U64, items);

    /// <summary>An array of 64 signed bits.</summary>
    public static implicit operator GgufValue(long[] items) => new(GgufValueType.I64, items);

    /// <summary>An array of 32-bit floats.</summary>
    public static implicit operator GgufValue(float[] items) => new(GgufValueType.F32, items);

    /// <summary>An array of 64-bit floats.</summary>
    public static implicit operator GgufValue(double[] items) => new(GgufValueType.F64, items);

    /// <summary>An array of booleans.</summary>
    public static implicit operator GgufValue(bool[] items) => new(GgufValueType.Boolean, items);

    /// <summary>An array of texts.</summary>
    public static implicit operator GgufValue(string[] items) => new(GgufValueType.Text, items);

    /// <summary>An array of arrays.</summary>
    /// <exception cref="ArgumentException">An item is not an array.</exception>
    public static implicit operator GgufValue(GgufValue[] items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return Array.TrueForAll(items, item => item.IsArray)
            ? new GgufValue(GgufValueType.Sequence, items)
            : throw new ArgumentException("Only arrays can be items of an array of arrays.", nameof(items));
    }

    /// <summary>Reads an integer of any width.</summary>
    /// <returns>False when this is no integer, or one above 2^63 - 1.</returns>
    public bool TryGetInteger(out long value)
    {
        value = _bits;
        return IsInteger(_type) && (_type != GgufValueType.U64 || _bits >= 0);
    }

    /// <summary>Reads a float of any width, or an integer as one.</summary>
    public bool TryGetFloat(out double value)
    {
        value = _type switch
        {
            GgufValueType.F32 => BitConverter.UInt32BitsToSingle((uint)_bits),
            GgufValueType.F64 => BitConverter.Int64BitsToDouble(_bits),
            GgufValueType.U64 => (ulong)_bits,
            _ => _bits,
        };
        return _type is GgufValueType.F32 or GgufValueType.F64 || IsInteger(_type);
    }

    /// <summary>Reads a boolean.</summary>
    public bool TryGetBoolean(out bool value)
    {
        value = _bits != 0;
        return _type == GgufValueType.Boolean;
    }

    /// <summary>Reads a text.</summary>
    public bool TryGetString([NotNullWhen(true)] out string? value)
    {
        value = _reference as string;
        return value is not null;
    }

    /// <summary>Reads an array of texts.</summary>
    public bool TryGetStrings([NotNullWhen(true)] out IReadOnlyList<string>? values)
    {
        values = _reference as string[];
        return values is not null;
    }

    /// <summary>Reads an array of floats, or of integers as floats. Do not change it: it may be this value's own.</summary>
    public bool TryGetFloats([NotNullWhen(true)] out float[]? values)
    {
        values = (_elementType, _reference) switch
        {
            (GgufValueType.F32, float[] same) => same,
            (GgufValueType.F64, double[] items) => Array.ConvertAll(items, item => (float)item),
            _ => TryWiden(out long[]? wide) ? Array.ConvertAll(wide, item => (float)item) : null,
        };
        return values is not null;
    }

    /// <summary>Reads an array of yes or no, also one of the integers 1 and 0.</summary>
    public bool TryGetBooleans([NotNullWhen(true)] out bool[]? values)
    {
        values = _elementType == GgufValueType.Boolean ? _reference as bool[]
            : TryGetIntegers(out int[]? numbers) && Array.TrueForAll(numbers, number => number is 0 or 1) ? Array.ConvertAll(numbers, number => number == 1)
            : null;
        return values is not null;
    }

    /// <summary>Reads an array of integers that fit in 32 signed bits. Do not change it: it may be this value's own.</summary>
    public bool TryGetIntegers([NotNullWhen(true)] out int[]? values)
    {
        values = null;
        if (_elementType == GgufValueType.I32)
        {
            values = _reference as int[];
        }
        else if (TryWiden(out long[]? wide) && Array.TrueForAll(wide, item => item == (int)item))
        {
            values = Array.ConvertAll(wide, item => (int)item);
        }

        return values is not null;
    }

    /// <summary>The value as text.</summary>
    /// <param name="maxItems">Items of an array beyond these are left out.</param>
    /// <param name="maxCharacters">Characters of a text beyond these are left out.</param>
    public string ToText(int maxItems, int maxCharacters)
    {
        if (!IsArray)
        {
            return Scalar(_type, maxCharacters);
        }

        StringBuilder text = new("[");
        for (int i = 0; i < Math.Min(Items.Length, maxItems); i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(ItemText(i, maxItems, maxCharacters));
        }

        return Items.Length > maxItems
            ? text.Append(maxItems > 0 ? ", " : "").Append(CultureInfo.InvariantCulture, $"... {Items.Length} items]").ToString()
            : text.Append(']').ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => ToText(maxItems: 8, maxCharacters: 200);

    internal static GgufValue FromBits(GgufValueType type, long bits) => new(type, bits);

    internal static bool IsInteger(GgufValueType type) =>
        type is <= GgufValueType.I32 or GgufValueType.U64 or GgufValueType.I64;

    private static string NameOf(GgufValueType type) => type switch
    {
        GgufValueType.U8 => "u8",
        GgufValueType.I8 => "i8",
        GgufValueType.U16 => "u16",
        GgufValueType.I16 => "i16",
        GgufValueType.U32 => "u32",
        GgufValueType.I32 => "i32",
        GgufValueType.F32 => "f32",
        GgufValueType.Boolean => "bool",
        GgufValueType.Text => "str",
        GgufValueType.Sequence => "arr",
        GgufValueType.U64 => "u64",
        GgufValueType.I64 => "i64",
        _ => "f64",
    };

    private static string Shorten(string text, int maxCharacters) =>
        text.Length <= maxCharacters ? text : string.Concat(text.AsSpan(0, maxCharacters), "...");

    private string ItemText(int index, int maxItems, int maxCharacters) => _reference switch
    {
        GgufValue[] nested => nested[index].ToText(maxItems, maxCharacters),
        string[] texts => $"\"{Shorten(texts[index], maxCharacters)}\"",
        bool[] booleans => booleans[index] ? "true" : "false",
        _ => Convert.ToString(Items.GetValue(index), CultureInfo.InvariantCulture)!,
    };

    private string Scalar(GgufValueType type, int maxCharacters) => type switch
    {
        GgufValueType.Text => Shorten((string)_reference!, maxCharacters),
        GgufValueType.Boolean => _bits != 0 ? "true" : "false",
        GgufValueType.F32 => BitConverter.UInt32BitsToSingle((uint)_bits).ToString(CultureInfo.InvariantCulture),
        GgufValueType.F64 => BitConverter.Int64BitsToDouble(_bits).ToString(CultureInfo.InvariantCulture),
        GgufValueType.U64 => ((ulong)_bits).ToString(CultureInfo.InvariantCulture),
        _ => _bits.ToString(CultureInfo.InvariantCulture),
    };

    private bool TryWiden([NotNullWhen(true)] out long[]? wide)
    {
        // The element type decides: the runtime also matches int[] with a uint[].
        wide = IsArray ? _elementType switch
        {
            GgufValueType.U8 => Array.ConvertAll((byte[])_reference!, item => (long)item),
            GgufValueType.I8 => Array.ConvertAll((sbyte[])_reference!, item => (long)item),
            GgufValueType.U16 => Array.ConvertAll((ushort[])_reference!, item => (long)item),
            GgufValueType.I16 => Array.ConvertAll((short[])_reference!, item => (long)item),
            GgufValueType.U32 => Array.ConvertAll((uint[])_reference!, item => (long)item),
            GgufValueType.I32 => Array.ConvertAll((int[])_reference!, item => (long)item),
            GgufValueType.I64 => (long[])_reference!,
            GgufValueType.U64 when Array.TrueForAll((ulong[])_reference!, item => item <= long.MaxValue) =>
                Array.ConvertAll((ulong[])_reference!, item => (long)item),
            _ => null,
        } : null;
        return wide is not null;
    }
}
