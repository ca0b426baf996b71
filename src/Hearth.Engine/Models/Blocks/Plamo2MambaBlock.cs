using Hearth.Engine.Cache;
using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// The state space of PLaMo 2: Mamba's selection (steps, b and c are made from the convolved channels and normalised) with Mamba-2's heads,
/// whose gates and channels alternate in the input projection.
/// </summary>
internal sealed class Plamo2MambaBlock : Block
{
    private readonly StateSpaceConfig _config;
    private readonly Tensor _input;
    private readonly CausalConvolution _convolution;
    private readonly IReadOnlyList<Tensor> _selection;
    private readonly Normalization _writeNorm;
    private readonly Normalization _readNorm;
    private readonly Normalization _stepNorm;
    private readonly Tensor _steps;
    private readonly Tensor _stepBias;
    private readonly Tensor _rates;
    private readonly Tensor _skip;
    private readonly Tensor _output;
    private readonly RecurrentState _state;
    private readonly ScratchSlot _bothSlot;
    private readonly ScratchSlot _gateSlot;
    private readonly ScratchSlot _innerSlot;
    private readonly ScratchSlot _convolvedSlot;
    private readonly ScratchSlot _writeSlot;
    private readonly ScratchSlot _readSlot;
    private readonly ScratchSlot _rankSlot;
    private readonly ScratchSlot _stepSlot;

    public Plamo2MambaBlock(ModelBuilder builder, int layer, StateSpaceConfig config)
    {
        WeightSource weights = builder.Weights;
        string prefix = $"blk.{layer}.ssm_";
        int embedding = builder.Config.EmbeddingLength;
        int inner = config.Inner;
        int heads = config.Rank;
        int rank = Math.Max(64, embedding / 16);
        Normalization Norm(string name, int length) => builder.Norm(prefix + name, NormKind.RootMeanSquare, length, suffix: "");

        _config = config;
        _input = weights.Matrix(prefix + "in.weight", 2 * inner, embedding);
        _convolution = CausalConvolution.Find(builder, prefix + "conv1d", config.Kernel, inner)[0];
        _selection = weights.MatrixParts(prefix + "x.weight", inner, config.States, config.States, rank);
        _writeNorm = Norm("b_norm", config.States);
        _readNorm = Norm("c_norm", config.States);
        _stepNorm = Norm("dt_norm", rank);
        _steps = weights.Matrix(prefix + "dt.weight", heads, rank);
        _stepBias = weights.Vector(prefix + "dt.bias", heads);
        _rates = weights.Vector(prefix + "a", heads);
        _skip = weights.Vector(prefix + "d", heads);
        _output = weights.Matrix(prefix + "out.weight", embedding, inner);
        _state = builder.AddState((long)inner * config.States);
        _bothSlot = builder.Scratch.Reserve("ssm inner and gate", 2 * inner);
        _gateSlot = builder.Scratch.Reserve("ssm gate", inner);
        _innerSlot = builder.Scratch.Reserve("ssm inner", inner);
        _convolvedSlot = builder.Scratch.Reserve("ssm convolved", inner);
        _writeSlot = builder.Scratch.Reserve("ssm write", config.States);
        _readSlot = builder.Scratch.Reserve("ssm read", config.States);
        _rankSlot = builder.Scratch.Reserve("ssm rank", rank);
        _stepSlot = builder.Scratch.Reserve("ssm steps", heads);
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor both = step.Take(_bothSlot);
        Tensor gate = step.Take(_gateSlot);
        Tensor inner = step.Take(_innerSlot);
        Tensor convolved = step.Take(_convolvedSlot);
        int heads = _config.Rank;
        int size = _config.Inner / heads;
        device.MatMul(input, [new(_input, Tensor.None, both)]);
        device.CopyColumns(both.Split(heads), 0, gate.Split(heads), 0, size);
        device.CopyColumns(both.Split(heads), size, inner.Split(heads), 0, size);
        _convolution.Run(device, inner, convolved);
        device.Activate(Activation.Silu, convolved, convolved);

        Tensor write = step.Take(_writeSlot);
        Tensor read = step.Take(_readSlot);
        Tensor rank = step.Take(_rankSlot);
        Tensor steps = step.Take(_stepSlot);
        device.MatMul(convolved, [new(_selection[0], Tensor.None, write), new(_selection[1], Tensor.None, read), new(_selection[2], Tensor.None, rank)]);
        device.Norm(write, _writeNorm, write);
        device.Norm(read, _readNorm, read);
        device.Norm(rank, _stepNorm, rank);
        device.MatMul(rank, [new(_steps, _stepBias, steps)]);
        device.StateSpaceDual(convolved, steps, write, read, 1, _rates, _skip, _state, convolved);
        device.ActivateGated(Activation.Silu, gate, convolved, convolved);
        device.MatMul(convolved, [new(_output, Tensor.None, destination, accumulate)]);
    }
}
