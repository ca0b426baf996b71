namespace Hearth.Kernels.MatMul;

/// <summary>The forms in which <see cref="Activations"/> holds its input for the formats of weights.</summary>
[Flags]
public enum ActivationFormats
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The values themselves.</summary>
    F32 = 1,

    /// <summary>8 bits, an F32 scale per 32 columns: for weights of formats with blocks of 32.</summary>
    Int8Block32 = 2,

    /// <summary>8 bits, an F32 scale per 256 columns: for weights of formats with blocks of 256.</summary>
    Int8Block256 = 4,

    /// <summary>The values rounded to halves, held as floats: for F16 weights, as ggml multiplies them.</summary>
    Half = 8,
}
