namespace Hearth.Kernels.Formats;

/// <summary>The element formats of tensors in GGUF files; the values are ggml's type ids.</summary>
public enum TensorType
{
    /// <summary>32-bit float.</summary>
    F32 = 0,

    /// <summary>16-bit float (IEEE half).</summary>
    F16 = 1,

    /// <summary>4 bits, a scale per 32.</summary>
    Q4_0 = 2,

    /// <summary>4 bits, a scale and a minimum per 32.</summary>
    Q4_1 = 3,

    /// <summary>5 bits, a scale per 32.</summary>
    Q5_0 = 6,

    /// <summary>5 bits, a scale and a minimum per 32.</summary>
    Q5_1 = 7,

    /// <summary>8 bits, a scale per 32.</summary>
    Q8_0 = 8,

    /// <summary>2 bits, super-blocks of 256.</summary>
    Q2_K = 10,

    /// <summary>3 bits, super-blocks of 256.</summary>
    Q3_K = 11,

    /// <summary>4 bits, super-blocks of 256.</summary>
    Q4_K = 12,

    /// <summary>5 bits, super-blocks of 256.</summary>
    Q5_K = 13,

    /// <summary>6 bits, super-blocks of 256.</summary>
    Q6_K = 14,

    /// <summary>2.06 bits, codebook of 256 vectors of 8.</summary>
    IQ2_XXS = 16,

    /// <summary>2.31 bits, codebook of 512 vectors of 8.</summary>
    IQ2_XS = 17,

    /// <summary>3.06 bits, codebook of 256 vectors of 4.</summary>
    IQ3_XXS = 18,

    /// <summary>1.56 bits, codebook of 2048 vectors of 8.</summary>
    IQ1_S = 19,

    /// <summary>4 bits, non-linear values, a scale per 32.</summary>
    IQ4_NL = 20,

    /// <summary>3.44 bits, codebook of 512 vectors of 4.</summary>
    IQ3_S = 21,

    /// <summary>2.5 bits, codebook of 1024 vectors of 8.</summary>
    IQ2_S = 22,

    /// <summary>4.25 bits, non-linear values, super-blocks of 256.</summary>
    IQ4_XS = 23,

    /// <summary>8-bit integer.</summary>
    I8 = 24,

    /// <summary>16-bit integer.</summary>
    I16 = 25,

    /// <summary>32-bit integer.</summary>
    I32 = 26,

    /// <summary>64-bit integer.</summary>
    I64 = 27,

    /// <summary>64-bit float.</summary>
    F64 = 28,

    /// <summary>1.75 bits, codebook of 2048 vectors of 8.</summary>
    IQ1_M = 29,

    /// <summary>16-bit brain float: the upper half of a 32-bit float.</summary>
    BF16 = 30,

    /// <summary>Ternary, 1.69 bits.</summary>
    TQ1_0 = 34,

    /// <summary>Ternary, 2.06 bits.</summary>
    TQ2_0 = 35,

    /// <summary>OCP microscaling 4-bit float, a power-of-two scale per 32.</summary>
    MXFP4 = 39,

    /// <summary>4-bit float, an 8-bit float scale per 16.</summary>
    NVFP4 = 40,

    /// <summary>1 bit (a sign), a scale per 128.</summary>
    Q1_0 = 41,

    /// <summary>2 bits, a scale per 64.</summary>
    Q2_0 = 42,
}
