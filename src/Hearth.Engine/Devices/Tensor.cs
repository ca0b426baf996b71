namespace Hearth.Engine.Devices;

/// <summary>Where a tensor lives on its device.</summary>
public enum TensorHeap
{
    /// <summary>No tensor: an optional weight that the model does not have.</summary>
    None,

    /// <summary>Read-only model weights.</summary>
    Weights,

    /// <summary>Vectors kept as 32-bit floats: norm weights and biases.</summary>
    Vectors,

    /// <summary>Scratch that every step overwrites.</summary>
    Activations,
}

/// <summary>A handle to a matrix on a <see cref="Device"/>; it holds no pointer, so a device may record calls and replay them.</summary>
/// <param name="Heap">Where it lives.</param>
/// <param name="Index">Its place in that heap.</param>
/// <param name="Rows">Rows in use.</param>
/// <param name="Columns">Elements of a row.</param>
public readonly record struct Tensor(TensorHeap Heap, int Index, int Rows, int Columns)
{
    /// <summary>The absent tensor.</summary>
    public static Tensor None => default;

    /// <summary>True for <see cref="None"/>.</summary>
    public bool IsNone => Heap == TensorHeap.None;

    /// <summary>The first <paramref name="rows"/> rows.</summary>
    public Tensor Take(int rows) => this with { Rows = rows };

    /// <summary>
    /// The same elements with each row cut into <paramref name="parts"/> rows: <c>[tokens, heads * size]</c> as <c>[tokens * heads,
    /// size]</c>.
    /// </summary>
    public Tensor Split(int parts) => this with { Rows = Rows * parts, Columns = Columns / parts };
}

/// <summary>One product of a <see cref="Device.MatMul"/> call: <c>destination = input . weightᵀ + bias</c>.</summary>
/// <param name="Weight">Weights <c>[outputs, inputs]</c>.</param>
/// <param name="Bias">Vector <c>[outputs]</c>, or none.</param>
/// <param name="Destination">Activations <c>[tokens, outputs]</c>.</param>
/// <param name="Accumulate">Adds to the destination (a residual) instead of overwriting it.</param>
public readonly record struct Projection(Tensor Weight, Tensor Bias, Tensor Destination, bool Accumulate = false);
