using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Models;

/// <summary>Hands a file's tensors to a device, each by name with its shape checked, and remembers which were asked for.</summary>
internal sealed class WeightSource(GgufFile file, Device device)
{
    private readonly HashSet<string> _used = [];

    public Device Device => device;

    /// <summary>A matrix <c>[rows, columns]</c> that must be there.</summary>
    public Tensor Matrix(string name, int rows, int columns)
    {
        Tensor tensor = OptionalMatrix(name, rows, columns);
        return tensor.IsNone ? throw ModelException.MissingTensor(name) : tensor;
    }

    /// <summary>A matrix <c>[rows, columns]</c>, or none.</summary>
    public Tensor OptionalMatrix(string name, int rows, int columns) =>
        Find(name, columns, rows) is GgufTensor tensor ? device.AddWeights(file.Matrix(tensor)) : Tensor.None;

    /// <summary>A vector <c>[length]</c> that must be there.</summary>
    public Tensor Vector(string name, int length)
    {
        Tensor tensor = OptionalVector(name, length);
        return tensor.IsNone ? throw ModelException.MissingTensor(name) : tensor;
    }

    /// <summary>A vector <c>[length]</c>, or none.</summary>
    public Tensor OptionalVector(string name, int length) =>
        Find(name, length) is GgufTensor tensor ? device.AddVector(file.ReadFloats(tensor)) : Tensor.None;

    /// <summary>The values of a small tensor <c>[length]</c>, or empty.</summary>
    public float[] OptionalFloats(string name, int length) => Find(name, length) is GgufTensor tensor ? file.ReadFloats(tensor) : [];

    /// <summary>A stack of matrices <c>[count, rows, columns]</c>, one handle each.</summary>
    public IReadOnlyList<Tensor> Matrices(string name, int count, int rows, int columns)
    {
        GgufTensor tensor = Find(name, columns, rows, count) ?? throw ModelException.MissingTensor(name);
        return [.. Enumerable.Range(0, count).Select(slice => device.AddWeights(file.Matrix(tensor, slice)))];
    }

    /// <summary>Refuses a file with tensors that nobody asked for: its answers would be wrong.</summary>
    public void RequireAllUsed(string architecture)
    {
        string[] unused = [.. file.Tensors.Select(tensor => tensor.Name).Where(name => !_used.Contains(name))];
        if (unused.Length > 0)
        {
            throw ModelException.UnusedTensors(architecture, unused);
        }
    }

    private GgufTensor? Find(string name, params ReadOnlySpan<int> shape)
    {
        if (!file.TryGetTensor(name, out GgufTensor? tensor))
        {
            return null;
        }

        _used.Add(name);
        bool matches = tensor.Dimensions.Length >= shape.Length;
        for (int i = 0; matches && i < tensor.Dimensions.Length; i++)
        {
            matches = tensor.Dimensions[i] == (i < shape.Length ? shape[i] : 1);
        }

        return matches ? tensor : throw ModelException.TensorShape(name, Format(tensor.Dimensions), Format([.. shape]));
    }

    private static string Format<T>(IEnumerable<T> dimensions) => $"[{string.Join(", ", dimensions)}]";
}
