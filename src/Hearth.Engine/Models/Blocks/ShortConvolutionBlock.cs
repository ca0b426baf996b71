using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>The gated short convolution of LFM 2: <c>out(c * conv(b * x))</c>, where b, c and x are made from the input.</summary>
internal sealed class ShortConvolutionBlock : Block
{
    private readonly IReadOnlyList<Tensor> _input;
    private readonly CausalConvolution _convolution;
    private readonly Tensor _output;
    private readonly ScratchSlot _before;
    private readonly ScratchSlot _after;
    private readonly ScratchSlot _values;

    public ShortConvolutionBlock(ModelBuilder builder, int layer, int kernel)
    {
        string prefix = $"blk.{layer}.shortconv.";
        int embedding = builder.Config.EmbeddingLength;
        _input = builder.Weights.MatrixParts(prefix + "in_proj.weight", embedding, embedding, embedding, embedding);
        _convolution = CausalConvolution.Find(builder, prefix + "conv", kernel, embedding)[0];
        _output = builder.Weights.Matrix(prefix + "out_proj.weight", embedding, embedding);
        _before = builder.Scratch.Reserve("convolution gate before", embedding);
        _after = builder.Scratch.Reserve("convolution gate after", embedding);
        _values = builder.Scratch.Reserve("convolution values", embedding);
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor before = step.Take(_before);
        Tensor after = step.Take(_after);
        Tensor values = step.Take(_values);
        device.MatMul(input, [new(_input[0], Tensor.None, before), new(_input[1], Tensor.None, after), new(_input[2], Tensor.None, values)]);
        device.Multiply(before, values, values);
        _convolution.Run(device, values, before);
        device.Multiply(after, before, before);
        device.MatMul(before, [new(_output, Tensor.None, destination, accumulate)]);
    }
}
