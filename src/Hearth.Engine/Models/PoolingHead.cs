using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models;

/// <summary>
/// What follows pooling: a classifier for ranks (<c>cls</c>, <c>cls.output</c>), or the dense layers of sentence embeddings
/// (<c>dense_2</c>, <c>dense_3</c>). Each by presence.
/// </summary>
internal sealed class PoolingHead
{
    private readonly int _embeddingLength;
    private readonly Tensor _classifier;
    private readonly Tensor _classifierBias;
    private readonly Normalization? _classifierNorm;
    private readonly Tensor _output;
    private readonly Tensor _outputBias;
    private readonly Tensor _expand;
    private readonly Tensor _contract;
    private readonly Activation _activation;
    private readonly ScratchSlot _input;
    private readonly ScratchSlot _inner;
    private readonly ScratchSlot _result;

    private PoolingHead(ModelBuilder builder, RankDescription rank)
    {
        Ranking = rank;
        WeightSource weights = builder.Weights;
        int embedding = builder.Config.EmbeddingLength;
        _embeddingLength = embedding;
        int width = Math.Max(1, (int)Math.Min(weights.Rows("cls.weight"), embedding));
        int expanded = builder.Header.OptionalCount("dense_2_feat_out", minimum: 0) ?? 0;
        Labels = builder.Header.OptionalTexts("classifier.output_labels") ?? [];
        _classifier = weights.OptionalMatrix("cls.weight", width, embedding);
        _classifierBias = weights.OptionalVector("cls.bias", width);
        _classifierNorm = weights.Has("cls.norm.weight") ? builder.Norm("cls.norm", NormKind.Layer, width) : null;
        int outputs = Math.Max(1, Labels.Count);
        _output = weights.OptionalMatrix("cls.output.weight", outputs, _classifier.IsNone ? embedding : width);
        _outputBias = weights.OptionalVector("cls.output.bias", outputs);
        _expand = expanded == 0 ? Tensor.None : weights.OptionalMatrix("dense_2.weight", expanded, embedding);
        _contract = weights.OptionalMatrix("dense_3.weight", embedding, builder.Header.OptionalCount("dense_3_feat_in", minimum: 0) is int found and not 0 ? found : embedding);
        _activation = new Activation(rank.Activation);
        RankLength = _output.IsNone ? _classifier.IsNone ? 0 : width : outputs;
        _input = builder.Scratch.Reserve("pooled", embedding);
        _inner = builder.Scratch.Reserve("pooled inner", Math.Max(width, expanded));
        _result = builder.Scratch.Reserve("pooled result", Math.Max(embedding, outputs));
    }

    /// <summary>How ranks are made.</summary>
    public RankDescription Ranking { get; }

    /// <summary>Names of the classifier's outputs; empty when the file names none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Elements of a rank; 0 when the model cannot rank.</summary>
    public int RankLength { get; }

    /// <summary>Elements of a vector after the dense layers.</summary>
    public int VectorLength => !_contract.IsNone ? _contract.Rows : !_expand.IsNone ? _expand.Rows : _embeddingLength;

    /// <summary>The head of a model, or null when it has none.</summary>
    public static PoolingHead? Find(ModelBuilder builder, RankDescription rank)
    {
        string[] names = ["cls.weight", "cls.output.weight", "dense_2.weight", "dense_3.weight"];
        return names.Any(builder.Weights.Has) ? new PoolingHead(builder, rank) : null;
    }

    /// <summary>The classifier's outputs for a pooled state.</summary>
    public float[] Rank(Device device, Scratch scratch, ReadOnlySpan<float> pooled)
    {
        Tensor input = scratch.Take(_input, 1);
        device.Write(pooled, input);
        if (!_classifier.IsNone)
        {
            Tensor inner = scratch.Take(_inner, 1) with { Columns = _classifier.Rows };
            device.MatMul(input, [new(_classifier, _classifierBias, inner)]);
            device.Activate(_activation, inner, inner);
            if (_classifierNorm is Normalization norm)
            {
                device.Norm(inner, norm, inner);
            }

            input = inner;
        }

        float[] rank = new float[RankLength];
        if (!_output.IsNone)
        {
            Tensor result = scratch.Take(_result, 1) with { Columns = RankLength };
            device.MatMul(input, [new(_output, _outputBias, result)]);
            input = result;
        }

        device.Read(input, rank);
        if (Ranking.Softmax)
        {
            Softmax(rank);
        }

        return rank;
    }

    /// <summary>The dense layers of sentence embeddings.</summary>
    public float[] Transform(Device device, Scratch scratch, ReadOnlySpan<float> pooled)
    {
        Tensor input = scratch.Take(_input, 1);
        device.Write(pooled, input);
        foreach (Tensor weight in (ReadOnlySpan<Tensor>)[_expand, _contract])
        {
            if (!weight.IsNone)
            {
                Tensor output = scratch.Take(weight == _expand ? _inner : _result, 1) with { Columns = weight.Rows };
                device.MatMul(input, [new(weight, Tensor.None, output)]);
                input = output;
            }
        }

        float[] result = new float[input.Columns];
        device.Read(input, result);
        return result;
    }

    private static void Softmax(Span<float> values)
    {
        float largest = values[0];
        foreach (float value in values)
        {
            largest = MathF.Max(largest, value);
        }

        double sum = 0;
        foreach (float value in values)
        {
            sum += Math.Exp(value - largest);
        }

        foreach (ref float value in values)
        {
            value = (float)(Math.Exp(value - largest) / sum);
        }
    }
}
