using Hearth.Engine.Devices;
using Hearth.Kernels.Activation;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// The gated delta net of Qwen3-Next and Qwen 3.5. Projections by presence: <c>attn_qkv</c> with <c>attn_gate</c>, or <c>ssm_in</c>, whose
/// rows alternate by key head; <c>ssm_beta</c> with <c>ssm_alpha</c>, or <c>ssm_ba</c>, whose rows do the same.
/// </summary>
internal sealed class GatedDeltaBlock : DeltaNetBlock
{
    private readonly IReadOnlyList<Tensor> _projections = [];
    private readonly Tensor _gate;
    private readonly Tensor _mixed;
    private readonly Tensor _strengths;
    private readonly Tensor _steps;
    private readonly Tensor _mixedSteps;
    private readonly Tensor _stepBias;
    private readonly Tensor _rates;
    private readonly ScratchSlot _mixedSlot;
    private readonly ScratchSlot _mixedStepsSlot;

    public GatedDeltaBlock(ModelBuilder builder, int layer, DeltaNetShape shape)
        : base(
            builder,
            layer,
            shape,
            CausalConvolution.Find(builder, $"blk.{layer}.ssm_conv1d", shape.Kernel, shape.Keys, shape.Keys, shape.Values),
            shape.Heads,
            Activation.Silu,
            "ssm_out")
    {
        WeightSource weights = builder.Weights;
        string prefix = $"blk.{layer}.";
        int embedding = builder.Config.EmbeddingLength;
        int mixed = 2 * (shape.Keys + shape.Values);
        if (weights.Has(prefix + "attn_qkv.weight"))
        {
            _projections = weights.MatrixParts(prefix + "attn_qkv.weight", embedding, shape.Keys, shape.Keys, shape.Values);
            _gate = weights.Matrix(prefix + "attn_gate.weight", shape.Values, embedding);

            // A file may also hold the older form of the same weights.
            weights.OptionalMatrix(prefix + "ssm_in.weight", mixed, embedding);
        }
        else
        {
            _mixed = weights.Matrix(prefix + "ssm_in.weight", mixed, embedding);
            _mixedSlot = builder.Scratch.Reserve("delta mixed", mixed);
        }

        if (weights.Has(prefix + "ssm_ba.weight"))
        {
            _mixedSteps = weights.Matrix(prefix + "ssm_ba.weight", 2 * shape.Heads, embedding);
            _mixedStepsSlot = builder.Scratch.Reserve("delta mixed steps", 2 * shape.Heads);
        }
        else
        {
            _strengths = weights.Matrix(prefix + "ssm_beta.weight", shape.Heads, embedding);
            _steps = weights.Matrix(prefix + "ssm_alpha.weight", shape.Heads, embedding);
        }

        _stepBias = weights.Vector(prefix + "ssm_dt.bias", shape.Heads);
        _rates = weights.Vector(prefix + "ssm_a", shape.Heads);
    }

    protected override void Project(in Step step, Tensor input)
    {
        Device device = step.Device;
        Tensor queries = step.Take(Queries);
        Tensor keys = step.Take(Keys);
        Tensor values = step.Take(Values);
        Tensor gate = step.Take(Gate);
        if (_mixed.IsNone)
        {
            device.MatMul(input,
            [
                new(_projections[0], Tensor.None, queries),
                new(_projections[1], Tensor.None, keys),
                new(_projections[2], Tensor.None, values),
                new(_gate, Tensor.None, gate),
            ]);
        }
        else
        {
            Tensor mixed = step.Take(_mixedSlot);
            device.MatMul(input, [new(_mixed, Tensor.None, mixed)]);
            Deal(device, mixed, [queries, keys, values, gate]);
        }

        Tensor decays = step.Take(Decays);
        Tensor strengths = step.Take(Strengths);
        if (_mixedSteps.IsNone)
        {
            device.MatMul(input, [new(_strengths, Tensor.None, strengths), new(_steps, _stepBias, decays)]);
        }
        else
        {
            Tensor mixed = step.Take(_mixedStepsSlot);
            device.MatMul(input, [new(_mixedSteps, Tensor.None, mixed)]);
            Deal(device, mixed, [strengths, decays]);
            device.AddVector(decays, _stepBias);
        }

        device.Activate(new Activation(ActivationKind.Sigmoid), strengths, strengths);
        device.Activate(new Activation(ActivationKind.Softplus), decays, decays);
        device.MultiplyVector(decays, _rates);
    }

    // Each key head's part of the rows holds its share of every destination, one after another.
    private void Deal(Device device, Tensor mixed, ReadOnlySpan<Tensor> destinations)
    {
        int column = 0;
        foreach (Tensor destination in destinations)
        {
            Tensor parts = destination.Split(Shape.KeyHeads);
            device.CopyColumns(mixed.Split(Shape.KeyHeads), column, parts, 0, parts.Columns);
            column += parts.Columns;
        }
    }
}
