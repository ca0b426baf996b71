namespace Hearth.Training.Model;

/// <summary>Where one tensor lies in the flat parameter array.</summary>
/// <param name="Name">The GGUF name.</param>
/// <param name="Offset">Index of its first float.</param>
/// <param name="Rows">Rows; 1 for a vector.</param>
/// <param name="Columns">Floats of a row.</param>
internal sealed record ParameterTensor(string Name, int Offset, int Rows, int Columns)
{
    /// <summary>Floats of the tensor.</summary>
    public int Length => Rows * Columns;

    /// <summary>A vector (a norm's weight) is kept in F32 and is not decayed.</summary>
    public bool IsVector => Rows == 1;

    /// <summary>This tensor's part of a flat array.</summary>
    public Span<float> In(float[] values) => values.AsSpan(Offset, Length);
}
