using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary><c>proj(gelu(inp_gate x) * e)</c> with e the layer's part of <see cref="PerLayerInputs"/>.</summary>
internal sealed class PerLayerBlock : Block
{
    private readonly Tensor _gate;
    private readonly Tensor _projection;
    private readonly ScratchSlot _inputs;
    private readonly ScratchSlot _gated;
    private readonly ScratchSlot _part;
    private readonly int _first;

    public PerLayerBlock(ModelBuilder builder, int layer, PerLayerInputs inputs)
    {
        int embedding = builder.Config.EmbeddingLength;
        _gate = builder.Weights.Matrix($"blk.{layer}.inp_gate.weight", inputs.Width, embedding);
        _projection = builder.Weights.Matrix($"blk.{layer}.proj.weight", embedding, inputs.Width);
        _inputs = inputs.Slot;
        _gated = builder.Scratch.Reserve("per-layer gate", inputs.Width);
        _part = builder.Scratch.Reserve("per-layer part", inputs.Width);
        _first = layer * inputs.Width;
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor gate = step.Take(_gated);
        Tensor part = step.Take(_part);
        device.MatMul(input, [new(_gate, Tensor.None, gate)]);
        device.CopyColumns(step.Take(_inputs), _first, part, 0, part.Columns);
        device.ActivateGated(Activation.Gelu, gate, part, part);
        device.MatMul(part, [new(_projection, Tensor.None, destination, accumulate)]);
    }
}
