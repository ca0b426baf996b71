using Hearth.Engine.Devices;
using Hearth.Kernels.Activation;

namespace Hearth.Engine.Models.Blocks;

/// <summary>The feed-forward network of RWKV (arXiv:2404.05892, section 4.3), with a receptance by presence of its token shift.</summary>
internal sealed class RwkvChannelMixBlock : Block
{
    private readonly TokenShift _shift;
    private readonly Tensor _keyFactors;
    private readonly Tensor _receptanceFactors;
    private readonly Tensor _key;
    private readonly Tensor _value;
    private readonly Tensor _receptance;
    private readonly ScratchSlot _mixedSlot;
    private readonly ScratchSlot _innerSlot;
    private readonly ScratchSlot _receptanceSlot;
    private readonly ScratchSlot _outputSlot;

    public RwkvChannelMixBlock(ModelBuilder builder, int layer, int width, bool hasReceptance)
    {
        WeightSource weights = builder.Weights;
        string prefix = $"blk.{layer}.channel_mix_";
        int embedding = builder.Config.EmbeddingLength;
        _shift = new TokenShift(builder);
        _keyFactors = weights.Vector(prefix + "lerp_k.weight", embedding);
        _key = weights.Matrix(prefix + "key.weight", width, embedding);
        _value = weights.Matrix(prefix + "value.weight", embedding, width);
        _mixedSlot = builder.Scratch.Reserve("mixed tokens", embedding);
        _innerSlot = builder.Scratch.Reserve("up", width);
        if (hasReceptance)
        {
            _receptanceFactors = weights.Vector(prefix + "lerp_r.weight", embedding);
            _receptance = weights.Matrix(prefix + "receptance.weight", embedding, embedding);
            _receptanceSlot = builder.Scratch.Reserve("rwkv receptance", embedding);
            _outputSlot = builder.Scratch.Reserve("rwkv values", embedding);
        }
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor mixed = step.Take(_mixedSlot);
        Tensor inner = step.Take(_innerSlot);
        Tensor difference = _shift.Run(step, input);
        TokenShift.Mix(device, input, difference, _keyFactors, mixed);
        device.MatMul(mixed, [new(_key, Tensor.None, inner)]);
        device.Activate(Activation.ReluSquared, inner, inner);
        if (_receptance.IsNone)
        {
            device.MatMul(inner, [new(_value, Tensor.None, destination, accumulate)]);
            return;
        }

        Tensor receptance = step.Take(_receptanceSlot);
        Tensor output = step.Take(_outputSlot);
        TokenShift.Mix(device, input, difference, _receptanceFactors, mixed);
        device.MatMul(mixed, [new(_receptance, Tensor.None, receptance)]);
        device.MatMul(inner, [new(_value, Tensor.None, output)]);
        if (accumulate)
        {
            device.ActivateGated(new Activation(ActivationKind.Sigmoid), receptance, output, output);
            device.Add(output, 1, destination);
        }
        else
        {
            device.ActivateGated(new Activation(ActivationKind.Sigmoid), receptance, output, destination);
        }
    }
}
