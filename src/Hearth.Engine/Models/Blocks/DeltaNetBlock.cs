using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Kernels.Scan;

namespace Hearth.Engine.Models.Blocks;

/// <summary>The sizes of a delta net.</summary>
/// <param name="Kernel">Tokens that the convolutions see.</param>
/// <param name="Heads">Heads of values.</param>
/// <param name="KeyHeads">Heads of queries and keys.</param>
/// <param name="Size">Elements of a head.</param>
/// <param name="Order">Which heads share a key head.</param>
internal sealed record DeltaNetShape(int Kernel, int Heads, int KeyHeads, int Size, KeyHeadOrder Order)
{
    /// <summary>Elements of all query heads, and of all key heads.</summary>
    public int Keys => KeyHeads * Size;

    /// <summary>Elements of all value heads.</summary>
    public int Values => Heads * Size;
}

/// <summary>
/// What delta nets share (Gated DeltaNet, arXiv:2412.06464, section 3.3): short convolutions of queries, keys and values, keys and queries
/// of length one, the delta rule, a norm of each head, a gate, the output projection. Derived blocks make the inputs.
/// </summary>
internal abstract class DeltaNetBlock : Block
{
    private readonly CausalConvolution[] _convolutions;
    private readonly Normalization _unitLength;
    private readonly Normalization _norm;
    private readonly Activation _gateActivation;
    private readonly Tensor _output;
    private readonly RecurrentState _state;
    private readonly ScratchSlot[] _raw;
    private readonly ScratchSlot[] _convolved;

    protected DeltaNetBlock(
        ModelBuilder builder, int layer, DeltaNetShape shape, CausalConvolution[] convolutions, int decays, Activation gateActivation, string outputName)
    {
        float epsilon = builder.Config.NormEpsilon;
        if (epsilon <= 0)
        {
            throw ModelException.InvalidMetadata($"{builder.Config.Architecture}.attention.layer_norm_rms_epsilon", $"{epsilon}", "more than 0");
        }

        Shape = shape;
        _convolutions = convolutions;
        _unitLength = new Normalization(NormKind.UnitLength, Tensor.None, Tensor.None, epsilon);
        _norm = builder.Norm($"blk.{layer}.ssm_norm", NormKind.RootMeanSquare, shape.Size);
        _gateActivation = gateActivation;
        _output = builder.Weights.Matrix($"blk.{layer}.{outputName}.weight", builder.Config.EmbeddingLength, shape.Values);
        _state = builder.AddState((long)shape.Values * shape.Size);
        Scratch scratch = builder.Scratch;
        _raw = [scratch.Reserve("delta queries", shape.Keys), scratch.Reserve("delta keys", shape.Keys), scratch.Reserve("delta values", shape.Values)];
        _convolved =
        [
            scratch.Reserve("delta convolved queries", shape.Keys),
            scratch.Reserve("delta convolved keys", shape.Keys),
            scratch.Reserve("delta convolved values", shape.Values),
        ];
        Gate = scratch.Reserve("delta gate", shape.Values);
        Decays = scratch.Reserve("delta decays", decays);
        Strengths = scratch.Reserve("delta strengths", shape.Heads);
    }

    /// <summary>The sizes.</summary>
    protected DeltaNetShape Shape { get; }

    /// <summary>Queries before their convolution.</summary>
    protected ScratchSlot Queries => _raw[0];

    /// <summary>Keys before their convolution.</summary>
    protected ScratchSlot Keys => _raw[1];

    /// <summary>Values before their convolution.</summary>
    protected ScratchSlot Values => _raw[2];

    /// <summary>The gate of the output, before its activation.</summary>
    protected ScratchSlot Gate { get; }

    /// <summary>Logarithms of the decays, one per head or one per key element.</summary>
    protected ScratchSlot Decays { get; }

    /// <summary>How strongly each head writes, 0 to 1.</summary>
    protected ScratchSlot Strengths { get; }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Project(step, input);
        for (int part = 0; part < _convolved.Length; part++)
        {
            Tensor convolved = step.Take(_convolved[part]);
            _convolutions[part].Run(device, step.Take(_raw[part]), convolved);
            device.Activate(Activation.Silu, convolved, convolved);
        }

        Tensor queries = step.Take(_convolved[0]);
        Tensor keys = step.Take(_convolved[1]);
        Tensor values = step.Take(_convolved[2]);
        device.Norm(queries.Split(Shape.KeyHeads), _unitLength, queries.Split(Shape.KeyHeads));
        device.Norm(keys.Split(Shape.KeyHeads), _unitLength, keys.Split(Shape.KeyHeads));
        float scale = (float)(1 / Math.Sqrt(Shape.Size));
        device.GatedDelta(queries, keys, values, step.Take(Decays), step.Take(Strengths), scale, Shape.Order, _state, values);
        device.Norm(values.Split(Shape.Heads), _norm, values.Split(Shape.Heads));
        device.ActivateGated(_gateActivation, step.Take(Gate), values, values);
        device.MatMul(values, [new(_output, Tensor.None, destination, accumulate)]);
    }

    /// <summary>Fills queries, keys, values, gate, decays and strengths.</summary>
    protected abstract void Project(in Step step, Tensor input);
}
