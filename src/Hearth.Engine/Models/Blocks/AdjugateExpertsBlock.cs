using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// Experts and then adjugate experts, one for each group of experts (GroveMoE, arXiv:2508.07785): <c>y = experts(x); y + scale *
/// adjugates(y)</c>, where the adjugates are routed by x.
/// </summary>
internal sealed class AdjugateExpertsBlock : Block
{
    private readonly ExpertsBlock _experts;
    private readonly ExpertsBlock _adjugates;
    private readonly float _scale;
    private readonly ScratchSlot _routed;
    private readonly ScratchSlot _output;
    private readonly ScratchSlot _adjugateOutput;

    public AdjugateExpertsBlock(ModelBuilder builder, int layer, ExpertsDescription experts, ExpertsDescription adjugates, float scale)
    {
        int embedding = builder.Config.EmbeddingLength;
        _scale = scale;
        _routed = builder.Scratch.Reserve("routed", embedding);
        _output = builder.Scratch.Reserve("experts", embedding);
        _adjugateOutput = builder.Scratch.Reserve("adjugate experts", embedding);
        _experts = new ExpertsBlock(builder, layer, experts);
        _adjugates = new ExpertsBlock(builder, layer, adjugates, _routed);
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor output = step.Take(_output);
        Tensor adjugateOutput = step.Take(_adjugateOutput);
        device.CopyColumns(input, 0, step.Take(_routed), 0, input.Columns);
        _experts.Run(step, input, output, accumulate: false);
        _adjugates.Run(step, output, adjugateOutput, accumulate: false);
        device.Add(adjugateOutput, _scale, output);
        if (!accumulate)
        {
            device.Scale(destination, 0);
        }

        device.Add(output, 1, destination);
    }
}
