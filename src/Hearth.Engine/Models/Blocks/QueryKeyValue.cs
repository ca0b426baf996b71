using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// The projections in front of attention: one fused matrix whose rows are queries, keys, values, or three; with biases by presence.
/// </summary>
internal sealed class QueryKeyValue
{
    private readonly Tensor[] _weights;
    private readonly Tensor[] _biases;
    private readonly float _clamp;

    private QueryKeyValue(Tensor[] weights, Tensor[] biases, float clamp, Normalization unweightedNorm)
    {
        _weights = weights;
        _biases = biases;
        _clamp = clamp;
        UnweightedNorm = unweightedNorm;
    }

    /// <summary>The matrices of one product.</summary>
    public ReadOnlySpan<Tensor> Weights => _weights;

    /// <summary>A norm without weights, for values.</summary>
    public Normalization UnweightedNorm { get; }

    public static QueryKeyValue Find(ModelBuilder builder, int layer, AttentionDescription description)
    {
        WeightSource weights = builder.Weights;
        string prefix = $"blk.{layer}.attn_";
        int embedding = builder.Config.EmbeddingLength;
        int[] rows =
        [
            description.Heads * description.KeyLength * (description.Gate == AttentionGate.InQuery ? 2 : 1),
            description.KeyValueHeads * description.KeyLength,
            description.KeyValueHeads * description.ValueLength,
        ];
        if (weights.Has(prefix + "qkv.weight"))
        {
            Tensor[] parts = [.. weights.MatrixParts(prefix + "qkv.weight", embedding, rows)];
            float[] bias = weights.OptionalFloats(prefix + "qkv.bias", rows.Sum());
            Tensor[] biases = bias.Length == 0
                ? [Tensor.None, Tensor.None, Tensor.None]
                : [weights.AddVector(bias.AsSpan(0, rows[0])), weights.AddVector(bias.AsSpan(rows[0], rows[1])), weights.AddVector(bias.AsSpan(rows[0] + rows[1]))];
            return new QueryKeyValue(parts, biases, description.Clamp, builder.UnweightedNorm);
        }

        if (description.SharedCacheLayer is not null)
        {
            FindUnused(builder, layer, description, rows);
        }

        string[] names = description.SharedCacheLayer is not null ? ["q"] : weights.Has(prefix + "v.weight") || !description.NormalizeValues ? ["q", "k", "v"] : ["q", "k"];
        return new QueryKeyValue(
            [.. names.Select((name, i) => weights.Matrix($"{prefix}{name}.weight", rows[i], embedding))],
            [.. names.Select((name, i) => weights.OptionalVector($"{prefix}{name}.bias", rows[i]))],
            description.Clamp,
            builder.UnweightedNorm);
    }

    // Files may have what the layers in question would need for keys and values of their own.
    private static void FindUnused(ModelBuilder builder, int layer, AttentionDescription description, ReadOnlySpan<int> rows)
    {
        string prefix = $"blk.{layer}.attn_";
        int embedding = builder.Config.EmbeddingLength;
        builder.Weights.OptionalMatrix(prefix + "k.weight", rows[1], embedding);
        builder.Weights.OptionalMatrix(prefix + "v.weight", rows[2], embedding);
        builder.Weights.OptionalVector(prefix + "k.bias", rows[1]);
        builder.Weights.OptionalVector(prefix + "v.bias", rows[2]);
        builder.Weights.OptionalVector(prefix + "k_norm.weight", description.KeyLength);
    }

    public void Run(Device device, Tensor input, Tensor queries, Tensor keys, Tensor values)
    {
        ReadOnlySpan<Tensor> destinations = [queries, keys, values];
        Span<Projection> projections = stackalloc Projection[_weights.Length];
        for (int i = 0; i < projections.Length; i++)
        {
            projections[i] = new Projection(_weights[i], _biases[i], destinations[i]);
        }

        device.MatMul(input, projections);
        for (int i = 0; _clamp > 0 && i < projections.Length; i++)
        {
            device.Clamp(destinations[i], _clamp);
        }

        if (_weights.Length == 2)
        {
            // Without a value matrix the raw keys are the values (Gemma 4).
            device.CopyColumns(keys, 0, values, 0, keys.Columns);
        }
    }
}
