using Hearth.Engine.Devices;
using Hearth.Kernels.Activation;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// Kimi Delta Attention (arXiv:2510.26692, section 3): a delta net with a decay for each key element and a low-rank sigmoid gate.
/// </summary>
internal sealed class KimiDeltaBlock : DeltaNetBlock
{
    private readonly QueryKeyValue _projections;
    private readonly Tensor _decayDown;
    private readonly Tensor _decayUp;
    private readonly Tensor _decayBias;
    private readonly Tensor _rates;
    private readonly Tensor _strengths;
    private readonly Tensor _gateDown;
    private readonly Tensor _gateUp;
    private readonly ScratchSlot _decayRank;
    private readonly ScratchSlot _gateRank;

    public KimiDeltaBlock(ModelBuilder builder, int layer, DeltaNetShape shape)
        : base(builder, layer, shape, Convolutions(builder, layer, shape), shape.Values, new Activation(ActivationKind.Sigmoid), "attn_output")
    {
        WeightSource weights = builder.Weights;
        string prefix = $"blk.{layer}.ssm_";
        int embedding = builder.Config.EmbeddingLength;
        AttentionDescription heads = new() { Heads = shape.Heads, KeyValueHeads = shape.Heads, KeyLength = shape.Size, ValueLength = shape.Size, Scale = 1 };
        _projections = QueryKeyValue.Find(builder, layer, heads);
        _decayDown = weights.Matrix(prefix + "f_a.weight", shape.Size, embedding);
        _decayUp = weights.Matrix(prefix + "f_b.weight", shape.Values, shape.Size);
        _decayBias = weights.Vector(prefix + "dt.bias", shape.Values);
        _rates = weights.AddVector(Repeat(Rates(weights, prefix + "a", shape.Heads), shape.Size));
        _strengths = weights.Matrix(prefix + "beta.weight", shape.Heads, embedding);
        _gateDown = weights.Matrix(prefix + "g_a.weight", shape.Size, embedding);
        _gateUp = weights.Matrix(prefix + "g_b.weight", shape.Values, shape.Size);
        _decayRank = builder.Scratch.Reserve("delta decay rank", shape.Size);
        _gateRank = builder.Scratch.Reserve("delta gate rank", shape.Size);
    }

    protected override void Project(in Step step, Tensor input)
    {
        Device device = step.Device;
        Tensor decays = step.Take(Decays);
        Tensor strengths = step.Take(Strengths);
        Tensor decayRank = step.Take(_decayRank);
        Tensor gateRank = step.Take(_gateRank);
        _projections.Run(device, input, step.Take(Queries), step.Take(Keys), step.Take(Values));
        device.MatMul(input, [new(_decayDown, Tensor.None, decayRank), new(_gateDown, Tensor.None, gateRank), new(_strengths, Tensor.None, strengths)]);
        device.MatMul(decayRank, [new(_decayUp, _decayBias, decays)]);
        device.MatMul(gateRank, [new(_gateUp, Tensor.None, step.Take(Gate))]);
        device.Activate(new Activation(ActivationKind.Sigmoid), strengths, strengths);
        device.Activate(new Activation(ActivationKind.Softplus), decays, decays);
        device.MultiplyVector(decays, _rates);
    }

    private static CausalConvolution[] Convolutions(ModelBuilder builder, int layer, DeltaNetShape shape) =>
        [.. ((string[])["q", "k", "v"]).Select(name => Convolution(builder, $"blk.{layer}.ssm_conv1d_{name}.weight", shape))];

    private static CausalConvolution Convolution(ModelBuilder builder, string name, DeltaNetShape shape)
    {
        float[] weight = builder.Weights.OptionalFloats(name, shape.Kernel, 1, shape.Values);
        return weight.Length == 0 ? throw ModelException.MissingTensor(name) : new CausalConvolution(builder, weight, [], shape.Kernel);
    }

    private static float[] Rates(WeightSource weights, string name, int heads) =>
        weights.OptionalFloats(name, 1, heads) is { Length: > 0 } values ? values : throw ModelException.MissingTensor(name);

    private static float[] Repeat(float[] values, int times) => [.. values.SelectMany(value => Enumerable.Repeat(value, times))];
}
