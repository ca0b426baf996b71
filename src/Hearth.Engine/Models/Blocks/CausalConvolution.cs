using Hearth.Engine.Cache;
using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>A depthwise causal convolution over the last tokens of each sequence, with a bias by presence.</summary>
internal sealed class CausalConvolution
{
    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly RecurrentState _state;

    /// <param name="builder">The model in the making.</param>
    /// <param name="weight">Weights, <c>[channels, kernel]</c>.</param>
    /// <param name="bias">Biases, <c>[channels]</c>, or empty.</param>
    /// <param name="kernel">Tokens that an output sees.</param>
    public CausalConvolution(ModelBuilder builder, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int kernel)
    {
        int channels = weight.Length / kernel;
        _weight = builder.Weights.AddVector(weight);
        _bias = bias.IsEmpty ? Tensor.None : builder.Weights.AddVector(bias);
        _state = builder.AddState((kernel - 1L) * channels);
    }

    /// <summary>A layer's convolution, cut into parts of these many channels.</summary>
    /// <exception cref="ModelException">The weights are not there, or have another shape.</exception>
    public static CausalConvolution[] Find(ModelBuilder builder, string name, int kernel, params ReadOnlySpan<int> channels)
    {
        int all = 0;
        foreach (int count in channels)
        {
            all = checked(all + count);
        }

        float[] weight = builder.Weights.OptionalFloats(name + ".weight", kernel, all);
        if (weight.Length == 0)
        {
            throw ModelException.MissingTensor(name + ".weight");
        }

        float[] bias = builder.Weights.OptionalFloats(name + ".bias", all);
        CausalConvolution[] parts = new CausalConvolution[channels.Length];
        int first = 0;
        for (int part = 0; part < parts.Length; part++)
        {
            int count = channels[part];
            parts[part] = new CausalConvolution(
                builder, weight.AsSpan(first * kernel, count * kernel), bias.Length == 0 ? [] : bias.AsSpan(first, count), kernel);
            first += count;
        }

        return parts;
    }

    /// <summary>Convolves <c>[tokens, channels]</c>; the destination is not the input.</summary>
    public void Run(Device device, Tensor input, Tensor destination) => device.Convolve(input, _weight, _bias, _state, destination);
}
