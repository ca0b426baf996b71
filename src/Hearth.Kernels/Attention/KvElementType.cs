namespace Hearth.Kernels.Attention;

/// <summary>How keys and values are kept.</summary>
public enum KvElementType
{
    /// <summary>
    /// IEEE halves and one power of two per key and value of a head, chosen so that the largest element uses the top of the range. Elements
    /// are rounded to 11 bits as halves are; what would be a subnormal half keeps its precision, and nothing below 2^30 overflows. Elements
    /// smaller than 2^-29 of the largest are zero. 2 bytes per element and 2 per vector.
    /// </summary>
    F16,

    /// <summary>The upper halves of 32-bit floats: their range, rounded to 8 bits. 2 bytes per element.</summary>
    BF16,

    /// <summary>
    /// Integers of 8 bits and one scale per 32 neighbouring elements of a key or value: the least number of 8 bits (as BF16 has) with which
    /// the largest of them is at most 127. 1 byte per element and 2 per scale; the last scale may have fewer elements.
    /// </summary>
    Q8_0,

    /// <summary>32-bit floats.</summary>
    F32,
}
