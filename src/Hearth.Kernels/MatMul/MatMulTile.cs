using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

/// <summary>What a kernel computes in one call: <see cref="Rows"/> outputs of <see cref="Tokens"/> tokens.</summary>
internal unsafe struct MatMulTile
{
    /// <summary>The format of the weights.</summary>
    public TensorType Type;

    /// <summary>The first row of weights.</summary>
    public byte* Weights;

    /// <summary>Bytes from one row to the next.</summary>
    public nint RowBytes;

    /// <summary>Rows of weights; one or more.</summary>
    public int Rows;

    /// <summary>Elements of a row.</summary>
    public int Columns;

    /// <summary>
    /// The first token: floats, <see cref="ActivationGroup32"/> or <see cref="ActivationBlock256"/>, as the format needs.
    /// </summary>
    public byte* Source;

    /// <summary>Bytes from one token to the next.</summary>
    public nint SourceBytes;

    /// <summary>The first 16 tokens' <see cref="Lanes.LaneBlock"/>; null where a kernel does not need them.</summary>
    public byte* Lanes;

    /// <summary>Tokens; one or more.</summary>
    public int Tokens;

    /// <summary>Where the first row's result of the first token goes; the next row's is the next float.</summary>
    public float* Destination;

    /// <summary>Floats from one token's results to the next token's.</summary>
    public nint DestinationStride;
}
