using Hearth.Engine.Devices;

namespace Hearth.Engine.Models;

/// <summary>From normalised states to logits.</summary>
/// <param name="Weight">The head <c>[vocabulary, embedding]</c>.</param>
/// <param name="Bias">Vector <c>[vocabulary]</c>, or none.</param>
/// <param name="Scale">A factor of the logits.</param>
/// <param name="SoftCap">c of <c>c * tanh(logit / c)</c>; 0 for none.</param>
internal sealed record OutputHead(Tensor Weight, Tensor Bias, float Scale, float SoftCap)
{
    /// <summary>The head of a file; models without one multiply by their embeddings again.</summary>
    public static OutputHead Find(ModelBuilder builder, ModelDescription description, Tensor embedding)
    {
        int vocabulary = builder.Config.VocabularySize;
        Tensor output = builder.Weights.OptionalMatrix("output.weight", vocabulary, builder.Config.EmbeddingLength);
        return new OutputHead(
            output.IsNone ? embedding : output,
            builder.Weights.OptionalVector("output.bias", vocabulary),
            description.LogitScale,
            description.LogitSoftCap);
    }

    /// <summary>Writes logits <c>[rows, vocabulary]</c>.</summary>
    public void Run(Device device, Tensor normed, Tensor logits)
    {
        device.MatMul(normed, [new(Weight, Bias, logits)]);
        if (Scale != 1)
        {
            device.Scale(logits, Scale);
        }

        if (SoftCap > 0)
        {
            device.SoftCap(logits, SoftCap);
        }
    }
}
