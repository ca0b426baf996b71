namespace Hearth.Kernels.Attention;

/// <summary>How keys and values are kept.</summary>
public enum KvElementType
{
    /// <summary>
    /// IEEE halves and one power of two per key and value of a head, chosen so that the largest element uses the top of the range. Elements
    /// are rounded to 11 bits as halves are; what would be a subnormal half keeps its precision, and nothing below 2^30 overflows. Elements
    /// smaller than 2^-29 of the largest are zero.
    /// </summary>
    F16,

    /// <summary>32-bit floats.</summary>
    F32,
}
