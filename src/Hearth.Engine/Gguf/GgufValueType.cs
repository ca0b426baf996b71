namespace Hearth.Engine.Gguf;

/// <summary>The type of a metadata value; the numbers are those in the file (<c>gguf_metadata_value_type</c>).</summary>
public enum GgufValueType
{
    /// <summary>8-bit unsigned integer.</summary>
    U8 = 0,

    /// <summary>8-bit signed integer.</summary>
    I8 = 1,

    /// <summary>16-bit unsigned integer.</summary>
    U16 = 2,

    /// <summary>16-bit signed integer.</summary>
    I16 = 3,

    /// <summary>32-bit unsigned integer.</summary>
    U32 = 4,

    /// <summary>32-bit signed integer.</summary>
    I32 = 5,

    /// <summary>32-bit float.</summary>
    F32 = 6,

    /// <summary>One byte, 0 or 1.</summary>
    Boolean = 7,

    /// <summary>UTF-8 text with a 64-bit length.</summary>
    Text = 8,

    /// <summary>Values of one type.</summary>
    Sequence = 9,

    /// <summary>64-bit unsigned integer.</summary>
    U64 = 10,

    /// <summary>64-bit signed integer.</summary>
    I64 = 11,

    /// <summary>64-bit float.</summary>
    F64 = 12,
}
