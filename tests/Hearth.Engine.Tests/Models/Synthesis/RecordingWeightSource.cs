using Hearth.Engine.Devices;
using Hearth.Engine.Models;

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <summary>A tensor that a family asked for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dimensions">Elements along each axis, a row's length first.</param>
internal sealed record RecordedTensor(string Name, long[] Dimensions);

/// <summary>Has every tensor that a case allows, whatever a family asks for, and notes them.</summary>
internal sealed class RecordingWeightSource(ModelCase model) : WeightSource
{
    private readonly OrderedDictionary<string, RecordedTensor> _tensors = [];

    /// <summary>What was asked for, in order.</summary>
    public IEnumerable<RecordedTensor> Tensors => _tensors.Values;

    public override bool Has(string name) => model.Has(name);

    public override long Rows(string name) => model.RowsOf(name);

    public override float[] OptionalFloats(string name, params ReadOnlySpan<int> shape) =>
        Record(name, shape) is RecordedTensor tensor ? WeightValues.Make(model, tensor) : [];

    public override Tensor AddVector(ReadOnlySpan<float> values) => new(TensorHeap.Vectors, 0, 1, values.Length);

    protected override IReadOnlyList<Tensor> FindParts(string name, int columns, ReadOnlySpan<int> rows, float scale) =>
        Record(name, columns, Sum(rows)) is null ? [] : Parts(columns, rows);

    protected override IReadOnlyList<IReadOnlyList<Tensor>> FindStack(
        string name, int count, int columns, ReadOnlySpan<int> rows, ReadOnlySpan<float> scales)
    {
        if (Record(name, columns, Sum(rows), count) is null)
        {
            return [];
        }

        Tensor[] parts = Parts(columns, rows);
        return [.. Enumerable.Repeat(parts, count)];
    }

    private static Tensor[] Parts(int columns, ReadOnlySpan<int> rows)
    {
        Tensor[] parts = new Tensor[rows.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = new Tensor(TensorHeap.Weights, 0, rows[i], columns);
        }

        return parts;
    }

    private static int Sum(ReadOnlySpan<int> rows)
    {
        int sum = 0;
        foreach (int count in rows)
        {
            sum += count;
        }

        return sum;
    }

    private RecordedTensor? Record(string name, params ReadOnlySpan<int> shape)
    {
        if (!model.Has(name))
        {
            return null;
        }

        long[] dimensions = new long[shape.Length];
        for (int i = 0; i < dimensions.Length; i++)
        {
            dimensions[i] = shape[i];
        }

        if (!_tensors.TryGetValue(name, out RecordedTensor? tensor))
        {
            tensor = new RecordedTensor(name, dimensions);
            _tensors.Add(name, tensor);
        }

        Assert.Equal(tensor.Dimensions, dimensions);
        return tensor;
    }
}
