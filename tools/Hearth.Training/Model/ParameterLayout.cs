using Hearth.Training.Numerics;

namespace Hearth.Training.Model;

/// <summary>The order of all tensors in the flat arrays of weights, gradients and moments.</summary>
internal sealed class ParameterLayout
{
    private readonly List<ParameterTensor> _tensors = [];

    /// <summary>Lays the tensors of <paramref name="shape"/> out.</summary>
    public ParameterLayout(TransformerShape shape)
    {
        Shape = shape;
        Embedding = Add("token_embd.weight", shape.Vocabulary, shape.Width);
        OutputNorm = Add("output_norm.weight", 1, shape.Width);
        Layers = [.. Enumerable.Range(0, shape.Layers).Select(AddLayer)];
    }

    /// <summary>The sizes.</summary>
    public TransformerShape Shape { get; }

    /// <summary>All tensors in file order.</summary>
    public IReadOnlyList<ParameterTensor> Tensors => _tensors;

    /// <summary>Floats of all tensors.</summary>
    public int Length { get; private set; }

    /// <summary>[vocabulary, width]; also the output projection.</summary>
    public ParameterTensor Embedding { get; }

    /// <summary>[width].</summary>
    public ParameterTensor OutputNorm { get; }

    /// <summary>The tensors of each block.</summary>
    public IReadOnlyList<LayerTensors> Layers { get; }

    /// <summary>Normal weights of deviation 0.02, less for what is added to the residual stream (GPT-2's rule); norms are 1.</summary>
    public float[] Initialize(DeterministicRandom random)
    {
        var weights = new float[Length];
        foreach (ParameterTensor tensor in _tensors)
        {
            bool residual = tensor.Name.Contains("attn_output", StringComparison.Ordinal) || tensor.Name.Contains("ffn_down", StringComparison.Ordinal);
            double deviation = 0.02 / (residual ? Math.Sqrt(2 * Shape.Layers) : 1);
            foreach (ref float value in tensor.In(weights))
            {
                value = tensor.IsVector ? 1 : (float)(random.NextGaussian() * deviation);
            }
        }

        return weights;
    }

    private LayerTensors AddLayer(int layer)
    {
        string prefix = $"blk.{layer}.";
        int keyValueWidth = Shape.KeyValueHeads * Shape.HeadWidth;
        ParameterTensor attentionNorm = Add(prefix + "attn_norm.weight", 1, Shape.Width);
        ParameterTensor query = Add(prefix + "attn_q.weight", Shape.Width, Shape.Width);
        Add(prefix + "attn_k.weight", keyValueWidth, Shape.Width);
        Add(prefix + "attn_v.weight", keyValueWidth, Shape.Width);
        ParameterTensor output = Add(prefix + "attn_output.weight", Shape.Width, Shape.Width);
        ParameterTensor feedForwardNorm = Add(prefix + "ffn_norm.weight", 1, Shape.Width);
        ParameterTensor gate = Add(prefix + "ffn_gate.weight", Shape.FeedForward, Shape.Width);
        Add(prefix + "ffn_up.weight", Shape.FeedForward, Shape.Width);
        ParameterTensor down = Add(prefix + "ffn_down.weight", Shape.Width, Shape.FeedForward);
        return new LayerTensors(
            attentionNorm,
            query with { Name = prefix + "attn_qkv.weight", Rows = Shape.ProjectionWidth },
            output,
            feedForwardNorm,
            gate with { Name = prefix + "ffn_gate_up.weight", Rows = 2 * Shape.FeedForward },
            down);
    }

    private ParameterTensor Add(string name, int rows, int columns)
    {
        var tensor = new ParameterTensor(name, Length, rows, columns);
        _tensors.Add(tensor);
        Length += tensor.Length;
        return tensor;
    }

    /// <summary>One block; tensors that multiply the same input are adjacent, and are used as one matrix.</summary>
    /// <param name="AttentionNorm">[width].</param>
    /// <param name="Projection">Query, key and value: [projectionWidth, width].</param>
    /// <param name="AttentionOutput">[width, width].</param>
    /// <param name="FeedForwardNorm">[width].</param>
    /// <param name="GateUp">Gate and up: [2 feedForward, width].</param>
    /// <param name="Down">[width, feedForward].</param>
    internal sealed record LayerTensors(
        ParameterTensor AttentionNorm,
        ParameterTensor Projection,
        ParameterTensor AttentionOutput,
        ParameterTensor FeedForwardNorm,
        ParameterTensor GateUp,
        ParameterTensor Down);
}
