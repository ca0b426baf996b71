using Hearth.Engine.Cache;
using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// The selective state space of Mamba (arXiv:2312.00752). Norms of steps, b and c by presence, or for all without weights.
/// </summary>
internal sealed class MambaBlock : Block
{
    private readonly IReadOnlyList<Tensor> _input;
    private readonly CausalConvolution _convolution;
    private readonly IReadOnlyList<Tensor> _selection;
    private readonly Normalization? _stepNorm;
    private readonly Normalization? _writeNorm;
    private readonly Normalization? _readNorm;
    private readonly Tensor _steps;
    private readonly Tensor _stepBias;
    private readonly Tensor _rates;
    private readonly Tensor _skip;
    private readonly Tensor _output;
    private readonly RecurrentState _state;
    private readonly ScratchSlot _innerSlot;
    private readonly ScratchSlot _gateSlot;
    private readonly ScratchSlot _convolvedSlot;
    private readonly ScratchSlot _rankSlot;
    private readonly ScratchSlot _writeSlot;
    private readonly ScratchSlot _readSlot;

    /// <param name="builder">The model in the making.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="normalize">Whether steps, b and c are normalised even without weights.</param>
    public MambaBlock(ModelBuilder builder, int layer, StateSpaceConfig config, bool normalize = false)
    {
        WeightSource weights = builder.Weights;
        string prefix = $"blk.{layer}.ssm_";
        int embedding = builder.Config.EmbeddingLength;
        int inner = config.Inner;
        _input = weights.MatrixParts(prefix + "in.weight", embedding, inner, inner);
        _convolution = CausalConvolution.Find(builder, prefix + "conv1d", config.Kernel, inner)[0];
        _selection = weights.MatrixParts(prefix + "x.weight", inner, config.Rank, config.States, config.States);
        if (weights.Has(prefix + "dt_norm.weight"))
        {
            _stepNorm = builder.Norm(prefix + "dt_norm", NormKind.RootMeanSquare, config.Rank);
            _writeNorm = builder.Norm(prefix + "b_norm", NormKind.RootMeanSquare, config.States);
            _readNorm = builder.Norm(prefix + "c_norm", NormKind.RootMeanSquare, config.States);
        }
        else if (normalize)
        {
            _stepNorm = _writeNorm = _readNorm = new Normalization(NormKind.RootMeanSquare, Tensor.None, Tensor.None, builder.Config.NormEpsilon);
        }

        _steps = weights.Matrix(prefix + "dt.weight", inner, config.Rank);
        _stepBias = weights.Vector(prefix + "dt.bias", inner);
        _rates = weights.Vector(prefix + "a", config.States, inner);
        _skip = weights.Vector(prefix + "d", inner);
        _output = weights.Matrix(prefix + "out.weight", embedding, inner);
        _state = builder.AddState((long)inner * config.States);
        _innerSlot = builder.Scratch.Reserve("ssm inner", inner);
        _gateSlot = builder.Scratch.Reserve("ssm gate", inner);
        _convolvedSlot = builder.Scratch.Reserve("ssm convolved", inner);
        _rankSlot = builder.Scratch.Reserve("ssm rank", config.Rank);
        _writeSlot = builder.Scratch.Reserve("ssm write", config.States);
        _readSlot = builder.Scratch.Reserve("ssm read", config.States);
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor inner = step.Take(_innerSlot);
        Tensor gate = step.Take(_gateSlot);
        Tensor convolved = step.Take(_convolvedSlot);
        device.MatMul(input, [new(_input[0], Tensor.None, inner), new(_input[1], Tensor.None, gate)]);
        _convolution.Run(device, inner, convolved);
        device.Activate(Activation.Silu, convolved, convolved);

        Tensor rank = step.Take(_rankSlot);
        Tensor write = step.Take(_writeSlot);
        Tensor read = step.Take(_readSlot);
        device.MatMul(convolved, [new(_selection[0], Tensor.None, rank), new(_selection[1], Tensor.None, write), new(_selection[2], Tensor.None, read)]);
        if (_stepNorm is Normalization stepNorm && _writeNorm is Normalization writeNorm && _readNorm is Normalization readNorm)
        {
            device.Norm(rank, stepNorm, rank);
            device.Norm(write, writeNorm, write);
            device.Norm(read, readNorm, read);
        }

        // The convolution's input is not needed any more: steps take its place.
        device.MatMul(rank, [new(_steps, _stepBias, inner)]);
        device.SelectiveScan(convolved, inner, write, read, _rates, _skip, _state, convolved);
        device.ActivateGated(Activation.Silu, gate, convolved, convolved);
        device.MatMul(convolved, [new(_output, Tensor.None, destination, accumulate)]);
    }
}
