using Hearth.Engine.Cache;
using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>The state space of Mamba-2 (arXiv:2405.21060, section 7), with a gated norm in groups by presence.</summary>
internal sealed class Mamba2Block : Block
{
    private readonly StateSpaceConfig _config;
    private readonly IReadOnlyList<Tensor> _input;
    private readonly CausalConvolution[] _convolutions;
    private readonly Tensor _stepBias;
    private readonly Tensor _rates;
    private readonly Tensor _skip;
    private readonly Normalization? _norm;
    private readonly Tensor _output;
    private readonly RecurrentState _state;
    private readonly ScratchSlot _gateSlot;
    private readonly ScratchSlot[] _rawSlots;
    private readonly ScratchSlot[] _convolvedSlots;
    private readonly ScratchSlot _stepSlot;

    public Mamba2Block(ModelBuilder builder, int layer, StateSpaceConfig config)
    {
        WeightSource weights = builder.Weights;
        string prefix = $"blk.{layer}.ssm_";
        int embedding = builder.Config.EmbeddingLength;
        int inner = config.Inner;
        int shared = config.Groups * config.States;
        _config = config;
        _input = weights.MatrixParts(prefix + "in.weight", embedding, inner, inner, shared, shared, config.Rank);
        _convolutions = CausalConvolution.Find(builder, prefix + "conv1d", config.Kernel, inner, shared, shared);
        _stepBias = weights.Vector(prefix + "dt.bias", config.Rank);
        _rates = weights.Vector(prefix + "a", 1, config.Rank);
        _skip = weights.Vector(prefix + "d", 1, config.Rank);
        _norm = weights.Has(prefix + "norm.weight") ? builder.Norm(prefix + "norm", NormKind.RootMeanSquare, inner / config.Groups, config.Groups) : null;
        _output = weights.Matrix(prefix + "out.weight", embedding, inner);
        _state = builder.AddState((long)inner * config.States);
        _gateSlot = builder.Scratch.Reserve("ssm gate", inner);
        _rawSlots = Reserve(builder, "ssm inner", inner, "ssm write", shared, "ssm read", shared);
        _convolvedSlots = Reserve(builder, "ssm convolved", inner, "ssm convolved write", shared, "ssm convolved read", shared);
        _stepSlot = builder.Scratch.Reserve("ssm steps", config.Rank);
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor gate = step.Take(_gateSlot);
        Tensor steps = step.Take(_stepSlot);
        ReadOnlySpan<Tensor> raw = [step.Take(_rawSlots[0]), step.Take(_rawSlots[1]), step.Take(_rawSlots[2])];
        ReadOnlySpan<Tensor> convolved = [step.Take(_convolvedSlots[0]), step.Take(_convolvedSlots[1]), step.Take(_convolvedSlots[2])];
        device.MatMul(input,
        [
            new(_input[0], Tensor.None, gate),
            new(_input[1], Tensor.None, raw[0]),
            new(_input[2], Tensor.None, raw[1]),
            new(_input[3], Tensor.None, raw[2]),
            new(_input[4], _stepBias, steps),
        ]);
        for (int part = 0; part < _convolutions.Length; part++)
        {
            _convolutions[part].Run(device, raw[part], convolved[part]);
            device.Activate(Activation.Silu, convolved[part], convolved[part]);
        }

        Tensor inner = convolved[0];
        device.StateSpaceDual(inner, steps, convolved[1], convolved[2], _config.Groups, _rates, _skip, _state, inner);
        device.ActivateGated(Activation.Silu, gate, inner, inner);
        if (_norm is Normalization norm)
        {
            Tensor groups = inner.Split(_config.Groups);
            device.Norm(groups, norm, groups);
        }

        device.MatMul(inner, [new(_output, Tensor.None, destination, accumulate)]);
    }

    private static ScratchSlot[] Reserve(ModelBuilder builder, string first, int firstColumns, string second, int secondColumns, string third, int thirdColumns) =>
        [builder.Scratch.Reserve(first, firstColumns), builder.Scratch.Reserve(second, secondColumns), builder.Scratch.Reserve(third, thirdColumns)];
}
