using Hearth.Engine.Cache;
using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// The token shift of RWKV (arXiv:2404.05892, section 4.1): the difference between the token before and this one, a convolution with the
/// weights 1 and -1, and mixtures <c>x + factor * difference</c> of both.
/// </summary>
internal sealed class TokenShift
{
    private readonly Tensor _weight;
    private readonly RecurrentState _state;
    private readonly ScratchSlot _difference;

    public TokenShift(ModelBuilder builder)
    {
        int embedding = builder.Config.EmbeddingLength;
        float[] weight = new float[2 * embedding];
        for (int i = 0; i < weight.Length; i++)
        {
            weight[i] = i % 2 == 0 ? 1 : -1;
        }

        _weight = builder.Weights.AddVector(weight);
        _state = builder.AddState(embedding);
        _difference = builder.Scratch.Reserve("token shift", embedding);
    }

    /// <summary>The differences <c>[tokens, embedding]</c>; once per step.</summary>
    public Tensor Run(in Step step, Tensor input)
    {
        Tensor difference = step.Take(_difference);
        step.Device.Convolve(input, _weight, Tensor.None, _state, difference);
        return difference;
    }

    /// <summary><c>destination = input + factors * difference</c>, with a factor for each element of a row.</summary>
    public static void Mix(Device device, Tensor input, Tensor difference, Tensor factors, Tensor destination)
    {
        device.CopyColumns(difference, 0, destination, 0, difference.Columns);
        device.MultiplyVector(destination, factors);
        device.Add(input, 1, destination);
    }
}
