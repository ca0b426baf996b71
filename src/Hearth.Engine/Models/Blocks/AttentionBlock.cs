using Hearth.Engine.Devices;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// Grouped-query attention. Separate or fused projections, biases, sinks and an output bias by presence; all else by its description.
/// </summary>
internal sealed class AttentionBlock : Block
{
    private readonly AttentionDescription _description;
    private readonly QueryKeyValue _projections;
    private readonly Tensor _output;
    private readonly Tensor _outputBias;
    private readonly Tensor _gate;
    private readonly Normalization? _queryNorm;
    private readonly Normalization? _keyNorm;
    private readonly Normalization? _innerNorm;
    private readonly AttentionShape _shape;
    private readonly ScratchSlot _queries;
    private readonly ScratchSlot _keys;
    private readonly ScratchSlot _values;
    private readonly ScratchSlot _attended;
    private readonly ScratchSlot _gateSlot;
    private readonly ScratchSlot _queriesAndGate;

    public AttentionBlock(ModelBuilder builder, int layer, AttentionDescription description)
    {
        if (description.Heads == 0 || description.KeyValueHeads == 0)
        {
            throw ModelException.InvalidMetadata(
                $"{builder.Config.Architecture}.attention.head_count",
                $"{description.Heads} heads over {description.KeyValueHeads} in layer {layer}",
                "at least one of each in a layer with attention");
        }

        builder.CheckAttention(description.Scale, description.Pairing is null ? null : description.Rope, description.KeyLength);
        WeightSource weights = builder.Weights;
        string prefix = $"blk.{layer}.attn_";
        int embedding = builder.Config.EmbeddingLength;
        int queries = description.Heads * description.KeyLength;
        int attended = description.Heads * description.ValueLength;
        _description = description;
        _projections = QueryKeyValue.Find(builder, layer, description);
        _output = weights.Matrix(prefix + "output.weight", embedding, attended);
        _outputBias = weights.OptionalVector(prefix + "output.bias", embedding);
        _queryNorm = HeadNorm(builder, prefix + "q_norm", description.Heads);
        _keyNorm = description.SharedCacheLayer is null ? HeadNorm(builder, prefix + "k_norm", description.KeyValueHeads) : null;
        _innerNorm = description.InnerNorm is string inner ? builder.Norm($"blk.{layer}.{inner}", NormKind.RootMeanSquare, attended) : null;
        int gates = description.Gate == AttentionGate.PerHead ? description.Heads : attended;
        _gate = description.Gate is AttentionGate.Separate or AttentionGate.PerHead ? weights.Matrix(prefix + "gate.weight", gates, embedding) : Tensor.None;
        _shape = new AttentionShape
        {
            Layer = description.SharedCacheLayer ?? builder.AddCacheLayer(new KvLayerShape(description.KeyValueHeads, description.KeyLength, description.ValueLength)),
            Heads = description.Heads,
            Scale = description.Scale,
            Mask = description.Mask,
            Window = description.Window,
            SoftCap = description.SoftCap,
            Sinks = FiniteVector(weights, prefix + "sinks.weight", description.Heads),
            Slopes = description.AlibiMaxBias > 0 ? weights.AddVector(AlibiSlopes.For(description.Heads, description.AlibiMaxBias)) : Tensor.None,
        };
        builder.AddCacheRead(_shape);
        _queries = builder.Scratch.Reserve("queries", queries);
        _keys = builder.Scratch.Reserve("keys", description.KeyValueHeads * description.KeyLength);
        _values = builder.Scratch.Reserve("values", description.KeyValueHeads * description.ValueLength);
        _attended = builder.Scratch.Reserve("attended", attended);
        _gateSlot = description.Gate == AttentionGate.None ? default : builder.Scratch.Reserve("attention gate", gates);
        _queriesAndGate = description.Gate == AttentionGate.InQuery ? builder.Scratch.Reserve("queries and gate", 2 * queries) : default;
    }

    /// <summary>The layer's place in the cache.</summary>
    public int CacheLayer => _shape.Layer;

    public override ReadOnlySpan<Tensor> FirstWeights => _projections.Weights;

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor queries = step.Take(_queries);
        Tensor keys = step.Take(_keys);
        Tensor values = step.Take(_values);
        Tensor attended = step.Take(_attended);
        Project(step, input, queries, keys, values);
        Prepare(device, queries, _description.Heads, _queryNorm);
        if (_description.ScaleQueries)
        {
            device.ScaleQueries(queries);
        }

        if (_description.SharedCacheLayer is null)
        {
            Prepare(device, keys, _description.KeyValueHeads, _keyNorm);
            if (_description.NormalizeValues)
            {
                Tensor heads = values.Split(_description.KeyValueHeads);
                device.Norm(heads, _projections.UnweightedNorm, heads);
            }

            device.Store(keys, values, _shape.Layer);
        }

        device.Attend(queries, attended, _shape);
        Gate(step, attended);
        if (_description.ResultScale != 1)
        {
            device.Scale(attended, _description.ResultScale);
        }

        if (_innerNorm is Normalization norm)
        {
            device.Norm(attended, norm, attended);
        }

        device.MatMul(attended, [new(_output, _outputBias, destination, accumulate)]);
    }

    private void Project(in Step step, Tensor input, Tensor queries, Tensor keys, Tensor values)
    {
        Device device = step.Device;
        if (_description.Gate == AttentionGate.InQuery)
        {
            Tensor both = step.Take(_queriesAndGate);
            _projections.Run(device, input, both, keys, values);
            Tensor heads = both.Split(_description.Heads);
            int length = _description.KeyLength;
            device.CopyColumns(heads, 0, queries.Split(_description.Heads), 0, length);
            device.CopyColumns(heads, length, step.Take(_gateSlot).Split(_description.Heads), 0, length);
            return;
        }

        _projections.Run(device, input, queries, keys, values);
        if (!_gate.IsNone)
        {
            device.MatMul(input, [new(_gate, Tensor.None, step.Take(_gateSlot))]);
        }
    }

    private void Gate(in Step step, Tensor attended)
    {
        Activation activation = new(_description.GateActivation);
        if (_description.Gate == AttentionGate.PerHead)
        {
            Tensor gate = step.Take(_gateSlot);
            step.Device.Activate(activation, gate, gate);
            step.Device.ScaleRows(gate.Split(_description.Heads), attended.Split(_description.Heads));
        }
        else if (_description.Gate != AttentionGate.None)
        {
            step.Device.ActivateGated(activation, step.Take(_gateSlot), attended, attended);
        }
    }

    private void Prepare(Device device, Tensor tensor, int heads, Normalization? norm)
    {
        if (!_description.NormAfterRope)
        {
            Normalize(device, tensor, heads, norm);
        }

        if (_description.Pairing is { } pairing)
        {
            device.Rope(tensor, heads, new RopeShape(_description.Rope, pairing));
        }

        if (_description.NormAfterRope)
        {
            Normalize(device, tensor, heads, norm);
        }
    }

    private void Normalize(Device device, Tensor tensor, int heads, Normalization? norm)
    {
        if (norm is Normalization found)
        {
            Tensor rows = _description.Norm is QueryKeyNorm.Vector or QueryKeyNorm.VectorLayer ? tensor : tensor.Split(heads);
            device.Norm(rows, found, rows);
        }
    }

    private static Tensor FiniteVector(WeightSource weights, string name, int length)
    {
        float[] values = weights.OptionalFloats(name, length);
        return values.Length == 0 ? Tensor.None
            : values.All(float.IsFinite) ? weights.AddVector(values)
            : throw ModelException.NotFinite(name);
    }

    private Normalization? HeadNorm(ModelBuilder builder, string name, int heads)
    {
        int length = _description.KeyLength;
        if (_description.NormIsOptional && !builder.Weights.Has(name + ".weight"))
        {
            return null;
        }

        return _description.Norm switch
        {
            QueryKeyNorm.None => null,
            QueryKeyNorm.Head => builder.Norm(name, NormKind.RootMeanSquare, length),
            QueryKeyNorm.HeadWeights => builder.Norm(name, NormKind.RootMeanSquare, length, heads),
            QueryKeyNorm.HeadLayer => builder.Norm(name, NormKind.Layer, length, heads),
            QueryKeyNorm.Vector => builder.Norm(name, NormKind.RootMeanSquare, heads * length),
            QueryKeyNorm.VectorLayer => builder.Norm(name, NormKind.Layer, heads * length),
            QueryKeyNorm.QueryGain when name.EndsWith("q_norm", StringComparison.Ordinal) => GainNorm(builder, name + ".weight", heads, length),
            _ => builder.UnweightedNorm,
        };
    }

    private static Normalization GainNorm(ModelBuilder builder, string name, int heads, int length)
    {
        float[] gains = builder.Weights.OptionalFloats(name, 1, heads);
        return gains.Length > 0
            ? builder.UnweightedNorm with { Weight = builder.Weights.AddVector([.. gains.SelectMany(gain => Enumerable.Repeat(gain, length))]) }
            : throw ModelException.MissingTensor(name);
    }
}
