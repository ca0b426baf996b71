using Hearth.Engine.Devices;

namespace Hearth.Engine.Models;

/// <summary>
/// Hands out a model's tensors, each by name with its shape checked. Blocks ask it for what they need, so what a family asks for is also
/// the description of its files: a source may be a file, or a recorder that writes test models.
/// </summary>
internal abstract class WeightSource
{
    private const string Suffix = ".weight";

    // Gemma 4 uses the name for the factors of its router's inputs.
    private const string Router = "ffn_gate_inp.weight";

    /// <summary>Whether the model has a tensor of this name, whatever its shape. Asking does not use it.</summary>
    public abstract bool Has(string name);

    /// <summary>The rows of a matrix, or 0 when it is not there. Asking does not use it.</summary>
    public abstract long Rows(string name);

    /// <summary>
    /// Says that files may have a tensor that has no part in the logits; from then on it is as if it were not there. All others that nobody
    /// asks for make a file unusable.
    /// </summary>
    public virtual void Ignore(string name)
    {
    }

    /// <summary>A matrix <c>[rows, columns]</c> that must be there.</summary>
    /// <exception cref="ModelException">It is not there, or has another shape.</exception>
    public Tensor Matrix(string name, int rows, int columns)
    {
        Tensor tensor = OptionalMatrix(name, rows, columns);
        return tensor.IsNone ? throw ModelException.MissingTensor(name) : tensor;
    }

    /// <summary>A matrix <c>[rows, columns]</c>, or none.</summary>
    /// <exception cref="ModelException">It has another shape.</exception>
    public Tensor OptionalMatrix(string name, int rows, int columns) => FindParts(name, columns, [rows], Scale(name)) is [Tensor whole] ? whole : Tensor.None;

    /// <summary>A matrix that must be there, cut into parts of these many rows; they share the file's memory.</summary>
    /// <exception cref="ModelException">It is not there, or has another shape.</exception>
    public IReadOnlyList<Tensor> MatrixParts(string name, int columns, params ReadOnlySpan<int> rows)
    {
        IReadOnlyList<Tensor> parts = FindParts(name, columns, rows, Scale(name));
        return parts.Count == 0 ? throw ModelException.MissingTensor(name) : parts;
    }

    /// <summary>A stack of matrices <c>[count, rows, columns]</c> that must be there, one handle each.</summary>
    /// <exception cref="ModelException">It is not there, or has another shape.</exception>
    public IReadOnlyList<Tensor> Stack(string name, int count, int rows, int columns) => [.. StackParts(name, count, columns, rows).Select(parts => parts[0])];

    /// <summary>A stack of matrices that must be there, each cut into parts of these many rows: <c>[count][parts]</c>.</summary>
    /// <exception cref="ModelException">It is not there, or has another shape.</exception>
    public IReadOnlyList<IReadOnlyList<Tensor>> StackParts(string name, int count, int columns, params ReadOnlySpan<int> rows)
    {
        IReadOnlyList<IReadOnlyList<Tensor>> stack = FindStack(name, count, columns, rows, Scales(name, count));
        return stack.Count == 0 ? throw ModelException.MissingTensor(name) : stack;
    }

    /// <summary>A vector that must be there; more dimensions are flattened, the fastest first as in the file.</summary>
    /// <exception cref="ModelException">It is not there, or has another shape.</exception>
    public Tensor Vector(string name, params ReadOnlySpan<int> shape)
    {
        Tensor tensor = OptionalVector(name, shape);
        return tensor.IsNone ? throw ModelException.MissingTensor(name) : tensor;
    }

    /// <summary>A vector, or none; more dimensions are flattened, the fastest first as in the file.</summary>
    /// <exception cref="ModelException">It has another shape.</exception>
    public Tensor OptionalVector(string name, params ReadOnlySpan<int> shape) => OptionalFloats(name, shape) is { Length: > 0 } values ? AddVector(values) : Tensor.None;

    /// <summary>The value of a tensor of one element, or null when it is not there.</summary>
    /// <exception cref="ModelException">It has another shape.</exception>
    public float? Number(string name) => OptionalFloats(name, 1) is [float number] ? number : null;

    /// <summary>The values of a small tensor, or empty when it is not there.</summary>
    /// <exception cref="ModelException">It has another shape.</exception>
    public abstract float[] OptionalFloats(string name, params ReadOnlySpan<int> shape);

    /// <summary>Gives values that were made from others a handle.</summary>
    public abstract Tensor AddVector(ReadOnlySpan<float> values);

    /// <summary>The parts of a matrix, or empty when it is not there.</summary>
    protected abstract IReadOnlyList<Tensor> FindParts(string name, int columns, ReadOnlySpan<int> rows, float scale);

    /// <summary>The parts of each matrix of a stack, or empty when it is not there.</summary>
    /// <param name="name">The stack's name.</param>
    /// <param name="count">Matrices.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <param name="rows">Rows of each part.</param>
    /// <param name="scales">A factor for each matrix, or empty.</param>
    protected abstract IReadOnlyList<IReadOnlyList<Tensor>> FindStack(string name, int count, int columns, ReadOnlySpan<int> rows, ReadOnlySpan<float> scales);

    // Matrices of ternary and four-bit formats may have a factor of their products beside them.
    private float Scale(string name) => Scales(name, 1) is [float scale] ? scale : 1;

    private float[] Scales(string name, int count) =>
        name.EndsWith(Suffix, StringComparison.Ordinal) && !name.EndsWith(Router, StringComparison.Ordinal) ? OptionalFloats(name[..^Suffix.Length] + ".scale", count) : [];
}
