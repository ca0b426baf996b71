using Hearth.Training.Model;
using Hearth.Training.Numerics;

namespace Hearth.Training.Tests.Model;

/// <summary>A model small enough to be checked against slow arithmetic.</summary>
internal static class TinyModel
{
    public static TransformerShape Shape { get; } =
        new(Vocabulary: 288, Width: 64, Layers: 2, Heads: 4, KeyValueHeads: 2, FeedForward: 96, Context: 64);

    /// <summary>Weights large enough that every part of the model matters.</summary>
    public static float[] DrawWeights(ParameterLayout layout, long seed)
    {
        var random = new DeterministicRandom(seed);
        float[] weights = layout.Initialize(random);
        foreach (ParameterTensor tensor in layout.Tensors)
        {
            foreach (ref float weight in tensor.In(weights))
            {
                weight = tensor.IsVector ? 1 + 0.2f * (float)random.NextGaussian() : 6 * weight;
            }
        }

        return weights;
    }

    /// <summary>Two dialogues, the second longer than a vector.</summary>
    public static PackedBatch Batch(params int[] lengths)
    {
        var random = new DeterministicRandom(5);
        var batch = new PackedBatch();
        foreach (int length in lengths)
        {
            int[] tokens = [.. Enumerable.Range(0, length).Select(_ => random.Next(Shape.Vocabulary))];
            bool[] learned = [.. Enumerable.Range(0, length).Select(i => i % 3 != 0)];
            batch.Add(tokens, learned);
        }

        return batch;
    }
}
