using Hearth.Engine.Devices;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Blocks;

/// <summary>Grouped-query attention with rotary positions, in front of it a norm, around it the residual connection.</summary>
internal sealed class AttentionBlock
{
    private readonly Tensor _norm;
    private readonly Tensor _query;
    private readonly Tensor _queryBias;
    private readonly Tensor _key;
    private readonly Tensor _keyBias;
    private readonly Tensor _value;
    private readonly Tensor _valueBias;
    private readonly Tensor _output;
    private readonly Tensor _outputBias;
    private readonly ModelConfig _config;
    private readonly RopePairing _pairing;
    private readonly AttentionShape _shape;

    public AttentionBlock(WeightSource source, ModelConfig config, int layer, RopePairing pairing)
    {
        string prefix = $"blk.{layer}.attn_";
        int embedding = config.EmbeddingLength;
        int queries = config.HeadCount * config.KeyLength;
        int keys = config.KeyValueHeadCount * config.KeyLength;
        int values = config.KeyValueHeadCount * config.ValueLength;
        _norm = source.Vector(prefix + "norm.weight", embedding);
        _query = source.Matrix(prefix + "q.weight", queries, embedding);
        _queryBias = source.OptionalVector(prefix + "q.bias", queries);
        _key = source.Matrix(prefix + "k.weight", keys, embedding);
        _keyBias = source.OptionalVector(prefix + "k.bias", keys);
        _value = source.Matrix(prefix + "v.weight", values, embedding);
        _valueBias = source.OptionalVector(prefix + "v.bias", values);
        _output = source.Matrix(prefix + "output.weight", embedding, config.HeadCount * config.ValueLength);
        _outputBias = source.OptionalVector(prefix + "output.bias", embedding);
        _config = config;
        _pairing = pairing;
        _shape = new AttentionShape(layer, config.HeadCount, config.AttentionScale);
    }

    public void Run(Device device, DecoderScratch scratch, int tokens)
    {
        Tensor hidden = scratch.Hidden.Take(tokens);
        Tensor normed = scratch.Normed.Take(tokens);
        Tensor queries = scratch.Queries.Take(tokens);
        Tensor keys = scratch.Keys.Take(tokens);
        Tensor values = scratch.Values.Take(tokens);
        Tensor attended = scratch.Attended.Take(tokens);
        device.RmsNorm(hidden, _norm, _config.NormEpsilon, normed);
        device.MatMul(normed, [new(_query, _queryBias, queries), new(_key, _keyBias, keys), new(_value, _valueBias, values)]);
        device.Rope(queries, _config.HeadCount, _pairing);
        device.Rope(keys, _config.KeyValueHeadCount, _pairing);
        if (_config.QueryTemperatureScale != 0)
        {
            device.ScaleQueries(queries);
        }

        device.Store(keys, values, _shape.Layer);
        device.Attend(queries, attended, _shape);
        device.MatMul(attended, [new(_output, _outputBias, hidden, Accumulate: true)]);
    }
}
