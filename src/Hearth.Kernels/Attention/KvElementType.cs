namespace Hearth.Kernels.Attention;

/// <summary>How keys and values are kept.</summary>
public enum KvElementType
{
    /// <summary>IEEE halves. What is larger than 65,504 is kept as 65,536, infinity and not-a-number as some large number.</summary>
    F16,

    /// <summary>32-bit floats.</summary>
    F32,
}
