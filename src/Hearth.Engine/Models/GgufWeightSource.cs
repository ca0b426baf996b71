using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Kernels.MatMul;

namespace Hearth.Engine.Models;

/// <summary>Hands a file's tensors to a device and remembers which were asked for.</summary>
internal sealed class GgufWeightSource(GgufFile file, Device device) : WeightSource
{
    private const string InputScale = ".input_scale";
    private readonly HashSet<string> _used = [];
    private readonly Dictionary<string, List<WeightPart>> _parts = [];
    private readonly HashSet<string> _ignored = [];

    public override bool Has(string name) => !_ignored.Contains(name) && file.TryGetTensor(name, out _);

    public override void Ignore(string name) => _ignored.Add(name);

    public override long Rows(string name) => file.TryGetTensor(name, out GgufTensor? tensor) ? tensor.Dimensions.Length > 1 ? tensor.Dimensions[1] : 1 : 0;

    public override float[] OptionalFloats(string name, params ReadOnlySpan<int> shape) => Find(name, shape) is GgufTensor tensor ? file.ReadFloats(tensor) : [];

    public override Tensor AddVector(ReadOnlySpan<float> values) => device.AddVector(values);

    /// <summary>The parts of a matrix, or of each matrix of a stack, that blocks use; empty when no block does.</summary>
    public IReadOnlyList<WeightPart> Parts(string name) => _parts.TryGetValue(name, out List<WeightPart>? parts) ? parts : [];

    /// <summary>Whether somebody asked for a tensor.</summary>
    public bool IsUsed(string name) => _used.Contains(name);

    /// <summary>Refuses a file with tensors that nobody asked for: its answers would be wrong.</summary>
    /// <exception cref="ModelException">There are such tensors.</exception>
    public void RequireAllUsed(string architecture, Func<string, bool> isIgnored)
    {
        string[] unused = [.. file.Tensors.Select(tensor => tensor.Name).Where(name => !_used.Contains(name) && !_ignored.Contains(name) && !IsInputScale(name) && !isIgnored(name))];
        if (unused.Length > 0)
        {
            throw ModelException.UnusedTensors(architecture, unused);
        }
    }

    // For engines that round the inputs of NVFP4 matrices to 4 bits, too.
    private bool IsInputScale(string name) =>
        name.EndsWith(InputScale, StringComparison.Ordinal) && _used.Contains(string.Concat(name.AsSpan(0, name.Length - InputScale.Length), ".weight"));

    protected override IReadOnlyList<Tensor> FindParts(string name, int columns, ReadOnlySpan<int> rows, float scale) =>
        Find(name, columns, Sum(rows)) is GgufTensor tensor ? Cut(name, 0, file.Matrix(tensor), rows, scale) : [];

    protected override IReadOnlyList<IReadOnlyList<Tensor>> FindStack(
        string name, int count, int columns, ReadOnlySpan<int> rows, ReadOnlySpan<float> scales)
    {
        if (Find(name, columns, Sum(rows), count) is not GgufTensor tensor)
        {
            return [];
        }

        IReadOnlyList<Tensor>[] stack = new IReadOnlyList<Tensor>[count];
        for (int slice = 0; slice < count; slice++)
        {
            WeightMatrix matrix = tensor.Dimensions.Length == 3 ? file.Matrix(tensor, slice) : file.Matrix(tensor);
            stack[slice] = Cut(name, slice, matrix, rows, scales.IsEmpty ? 1 : scales[slice]);
        }

        return stack;
    }

    private Tensor[] Cut(string name, int slice, WeightMatrix matrix, ReadOnlySpan<int> rows, float scale)
    {
        if (!_parts.TryGetValue(name, out List<WeightPart>? known))
        {
            _parts[name] = known = [];
        }

        Tensor[] parts = new Tensor[rows.Length];
        int first = 0;
        for (int part = 0; part < parts.Length; part++)
        {
            parts[part] = device.AddWeights(matrix.Slice(first, rows[part]), scale);
            known.Add(new WeightPart(parts[part], slice, first));
            first += rows[part];
        }

        return parts;
    }

    private GgufTensor? Find(string name, params ReadOnlySpan<int> shape)
    {
        if (_ignored.Contains(name) || !file.TryGetTensor(name, out GgufTensor? tensor))
        {
            return null;
        }

        // Files may leave out trailing dimensions of 1.
        _used.Add(name);
        int dimensions = Math.Max(tensor.Dimensions.Length, shape.Length);
        bool matches = true;
        for (int i = 0; matches && i < dimensions; i++)
        {
            matches = (i < tensor.Dimensions.Length ? tensor.Dimensions[i] : 1) == (i < shape.Length ? shape[i] : 1);
        }

        return matches ? tensor : throw ModelException.TensorShape(name, Format(tensor.Dimensions), Format([.. shape]));
    }

    private static int Sum(ReadOnlySpan<int> rows)
    {
        int sum = 0;
        foreach (int count in rows)
        {
            sum = checked(sum + count);
        }

        return sum;
    }

    private static string Format<T>(IEnumerable<T> dimensions) => $"[{string.Join(", ", dimensions)}]";
}
