using Hearth.Engine.Devices;
using Hearth.Kernels.Attention;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Blocks;

/// <summary>Multi-head latent attention of one layer.</summary>
internal sealed record LatentAttentionDescription
{
    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Length of the latent queries; 0 when queries are made directly.</summary>
    public required int QueryRank { get; init; }

    /// <summary>Length of the latent vector that stands for keys and values.</summary>
    public required int Rank { get; init; }

    /// <summary>Elements of a query head, those that rotate included.</summary>
    public required int KeyLength { get; init; }

    /// <summary>Elements of a value head.</summary>
    public required int ValueLength { get; init; }

    /// <summary>Last elements of a query head, which rotate; keys of all heads share theirs.</summary>
    public required int RopeLength { get; init; }

    /// <summary>The factor of the scores.</summary>
    public required float Scale { get; init; }

    /// <summary>How rotated elements pair; null for no rotary positions.</summary>
    public RopePairing? Pairing { get; init; } = RopePairing.Adjacent;

    /// <summary>Whether queries are multiplied by the step's query scale.</summary>
    public bool ScaleQueries { get; init; }
}

/// <summary>
/// Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434, section 2.1). Files with <c>attn_k_b</c> and <c>attn_v_b</c> run absorbed:
/// queries are mapped into the latent space, all heads attend to one latent key and value per token, and only that is cached. Files with
/// <c>attn_kv_b</c> make the keys and values of every head.
/// </summary>
internal sealed class LatentAttentionBlock : Block
{
    private readonly LatentAttentionDescription _description;
    private readonly int _plainLength;
    private readonly Tensor _query;
    private readonly Tensor _queryDown;
    private readonly Normalization? _queryNorm;
    private readonly Tensor _latent;
    private readonly Tensor _sharedKey;
    private readonly Normalization _latentNorm;
    private readonly IReadOnlyList<Tensor> _keyUp = [];
    private readonly IReadOnlyList<Tensor> _valueUp = [];
    private readonly Tensor _keyValueUp;
    private readonly Tensor _output;
    private readonly AttentionShape _shape;
    private readonly ScratchSlot _queries;
    private readonly ScratchSlot _queryLatent;
    private readonly ScratchSlot _absorbed;
    private readonly ScratchSlot _latents;
    private readonly ScratchSlot _sharedKeys;
    private readonly ScratchSlot _keys;
    private readonly ScratchSlot _values;
    private readonly ScratchSlot _keysAndValues;
    private readonly ScratchSlot _attended;
    private readonly ScratchSlot _result;

    public LatentAttentionBlock(ModelBuilder builder, int layer, LatentAttentionDescription description)
    {
        builder.CheckAttention(description.Scale, description.Pairing is null ? null : 0, description.RopeLength);
        WeightSource weights = builder.Weights;
        Scratch scratch = builder.Scratch;
        string prefix = $"blk.{layer}.attn_";
        int embedding = builder.Config.EmbeddingLength;
        int heads = description.Heads;
        int rank = description.Rank;
        int queries = heads * description.KeyLength;
        _description = description;
        _plainLength = description.KeyLength - description.RopeLength;
        if (description.QueryRank > 0)
        {
            _queryDown = weights.Matrix(prefix + "q_a.weight", description.QueryRank, embedding);
            _queryNorm = builder.Norm(prefix + "q_a_norm", NormKind.RootMeanSquare, description.QueryRank);
            _query = weights.Matrix(prefix + "q_b.weight", queries, description.QueryRank);
            _queryLatent = scratch.Reserve("query latents", description.QueryRank);
        }
        else
        {
            _query = weights.Matrix(prefix + "q.weight", queries, embedding);
        }

        IReadOnlyList<Tensor> down = weights.MatrixParts(prefix + "kv_a_mqa.weight", embedding, rank, description.RopeLength);
        (_latent, _sharedKey) = (down[0], down[1]);
        _latentNorm = builder.Norm(prefix + "kv_a_norm", NormKind.RootMeanSquare, rank);
        KvLayerShape cache;
        int result = heads * description.ValueLength;
        if (weights.Has(prefix + "kv_b.weight"))
        {
            _keyValueUp = weights.Matrix(prefix + "kv_b.weight", heads * (_plainLength + description.ValueLength), rank);
            _keysAndValues = scratch.Reserve("latent keys and values", heads * (_plainLength + description.ValueLength));
            cache = new KvLayerShape(heads, description.KeyLength, description.ValueLength);
        }
        else
        {
            _keyUp = weights.Stack(prefix + "k_b.weight", heads, rank, _plainLength);
            _valueUp = weights.Stack(prefix + "v_b.weight", heads, description.ValueLength, rank);
            _absorbed = scratch.Reserve("absorbed queries", heads * (rank + description.RopeLength));
            cache = new KvLayerShape(1, rank + description.RopeLength, rank);
        }

        _output = weights.Matrix(prefix + "output.weight", embedding, result);
        _shape = new AttentionShape { Layer = builder.AddCacheLayer(cache), Heads = heads, Scale = description.Scale };
        builder.AddCacheRead(_shape);
        _queries = scratch.Reserve("queries", queries);
        _latents = scratch.Reserve("latents", rank);
        _sharedKeys = scratch.Reserve("shared keys", description.RopeLength);
        _keys = scratch.Reserve("keys", cache.KeyValueHeads * cache.KeySize);
        _values = scratch.Reserve("values", cache.KeyValueHeads * cache.ValueSize);
        _attended = scratch.Reserve("attended", heads * cache.ValueSize);
        _result = scratch.Reserve("latent result", result);
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor queries = step.Take(_queries);
        Tensor latents = step.Take(_latents);
        Tensor sharedKeys = step.Take(_sharedKeys);
        Project(step, input, queries, latents, sharedKeys);
        if (_description.Pairing is { } pairing)
        {
            device.Rope(queries, _description.Heads, new RopeShape(0, pairing, _plainLength));
            device.Rope(sharedKeys, 1, new RopeShape(0, pairing));
        }

        device.Norm(latents, _latentNorm, latents);
        Tensor result = _keyValueUp.IsNone ? Absorbed(step, queries, latents, sharedKeys) : Expanded(step, queries, latents, sharedKeys);
        device.MatMul(result, [new(_output, Tensor.None, destination, accumulate)]);
    }

    private void Project(in Step step, Tensor input, Tensor queries, Tensor latents, Tensor sharedKeys)
    {
        Device device = step.Device;
        if (_queryNorm is not Normalization norm)
        {
            device.MatMul(input, [new(_query, Tensor.None, queries), new(_latent, Tensor.None, latents), new(_sharedKey, Tensor.None, sharedKeys)]);
            return;
        }

        Tensor queryLatents = step.Take(_queryLatent);
        device.MatMul(input, [new(_queryDown, Tensor.None, queryLatents), new(_latent, Tensor.None, latents), new(_sharedKey, Tensor.None, sharedKeys)]);
        device.Norm(queryLatents, norm, queryLatents);
        device.MatMul(queryLatents, [new(_query, Tensor.None, queries)]);
    }

    private Tensor Absorbed(in Step step, Tensor queries, Tensor latents, Tensor sharedKeys)
    {
        Device device = step.Device;
        int heads = _description.Heads;
        int rank = _description.Rank;
        Tensor absorbed = step.Take(_absorbed);
        device.MatMulParts(queries, 0, _keyUp, absorbed, 0);
        device.CopyColumns(queries.Split(heads), _plainLength, absorbed.Split(heads), rank, _description.RopeLength);
        Tensor keys = step.Take(_keys);
        device.CopyColumns(latents, 0, keys, 0, rank);
        device.CopyColumns(sharedKeys, 0, keys, rank, _description.RopeLength);
        Tensor attended = Attend(step, absorbed, keys, latents);
        Tensor result = step.Take(_result);
        device.MatMulParts(attended, 0, _valueUp, result, 0);
        return result;
    }

    private Tensor Expanded(in Step step, Tensor queries, Tensor latents, Tensor sharedKeys)
    {
        Device device = step.Device;
        int heads = _description.Heads;
        Tensor both = step.Take(_keysAndValues);
        Tensor keys = step.Take(_keys);
        Tensor values = step.Take(_values);
        device.MatMul(latents, [new(_keyValueUp, Tensor.None, both)]);
        device.CopyColumns(both.Split(heads), 0, keys.Split(heads), 0, _plainLength);
        device.CopyColumns(sharedKeys, 0, keys.Split(heads), _plainLength, _description.RopeLength, repeat: heads);
        device.CopyColumns(both.Split(heads), _plainLength, values.Split(heads), 0, _description.ValueLength);
        return Attend(step, queries, keys, values);
    }

    private Tensor Attend(in Step step, Tensor queries, Tensor keys, Tensor values)
    {
        if (_description.ScaleQueries)
        {
            step.Device.ScaleQueries(queries);
        }

        Tensor attended = step.Take(_attended);
        step.Device.Store(keys, values, _shape.Layer);
        step.Device.Attend(queries, attended, _shape);
        return attended;
    }
}
