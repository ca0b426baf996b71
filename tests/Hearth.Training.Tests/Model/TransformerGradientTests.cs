using Hearth.Training.Model;
using Hearth.Training.Numerics;

namespace Hearth.Training.Tests.Model;

public sealed class TransformerGradientTests
{
    [Fact]
    public void The_gradient_of_every_tensor_is_the_slope_of_the_loss()
    {
        var layout = new ParameterLayout(TinyModel.Shape);
        float[] weights = TinyModel.DrawWeights(layout, 11);
        var transformer = new Transformer(layout, weights);
        PackedBatch batch = TinyModel.Batch(7, 21);
        transformer.Forward(batch);
        transformer.Loss();
        transformer.Backward();
        float[] gradients = [.. transformer.Gradients];
        float[] original = [.. weights];
        foreach (ParameterTensor tensor in layout.Tensors)
        {
            // Along the gradient itself the slope is its length: the direction in which float rounding matters least.
            double length = Math.Sqrt(tensor.In(gradients).ToArray().Sum(g => (double)g * g));
            Assert.True(length > 1e-3, $"{tensor.Name} has no gradient.");
            double reach = 0.02 / length;
            double slope = (LossAt(+reach) - LossAt(-reach)) / (2 * reach);
            Assert.True(Math.Abs(slope - length * length) < 0.01 * length * length, $"{tensor.Name}: slope {slope}, gradient {length * length}");

            double LossAt(double along)
            {
                original.CopyTo(weights, 0);
                for (int i = tensor.Offset; i < tensor.Offset + tensor.Length; i++)
                {
                    weights[i] += (float)(along * gradients[i]);
                }

                transformer.Forward(batch);
                double loss = transformer.Loss();
                original.CopyTo(weights, 0);
                return loss;
            }
        }
    }

    [Fact]
    public void Single_gradients_are_slopes_too()
    {
        var layout = new ParameterLayout(TinyModel.Shape);
        float[] weights = TinyModel.DrawWeights(layout, 12);
        var transformer = new Transformer(layout, weights);
        PackedBatch batch = TinyModel.Batch(18);
        transformer.Forward(batch);
        transformer.Loss();
        transformer.Backward();
        float[] gradients = [.. transformer.Gradients];
        foreach (ParameterTensor tensor in layout.Tensors)
        {
            int largest = Enumerable.Range(tensor.Offset, tensor.Length).MaxBy(i => Math.Abs(gradients[i]));
            float weight = weights[largest];
            const float Reach = 4e-3f;
            weights[largest] = weight + Reach;
            transformer.Forward(batch);
            double above = transformer.Loss();
            weights[largest] = weight - Reach;
            transformer.Forward(batch);
            double below = transformer.Loss();
            weights[largest] = weight;
            double slope = (above - below) / (2 * Reach);
            Assert.True(Math.Abs(slope - gradients[largest]) < 0.03 * Math.Abs(slope) + 0.01, $"{tensor.Name}: {slope}, {gradients[largest]}");
        }
    }

    [Fact]
    public void A_dialogue_does_not_see_the_others_in_its_batch()
    {
        var layout = new ParameterLayout(TinyModel.Shape);
        var transformer = new Transformer(layout, TinyModel.DrawWeights(layout, 13));
        PackedBatch both = TinyModel.Batch(7, 21);
        var second = new PackedBatch();
        bool[] learned = [.. Enumerable.Range(0, 21).Select(i => i % 3 != 0)];
        second.Add([.. both.Tokens.Skip(7)], learned);

        float[] alone = transformer.Forward(second).ToArray();
        float[] together = transformer.Forward(both)[^alone.Length..].ToArray();

        Assert.Equal(alone, together);
    }

    [Fact]
    public void Adding_up_over_two_calls_gives_the_sum()
    {
        var layout = new ParameterLayout(TinyModel.Shape);
        var transformer = new Transformer(layout, TinyModel.DrawWeights(layout, 14));
        PackedBatch batch = TinyModel.Batch(9);
        for (int i = 0; i < 2; i++)
        {
            transformer.Forward(batch);
            transformer.Loss();
            transformer.Backward();
        }

        float[] twice = [.. transformer.Gradients];
        Array.Clear(transformer.Gradients);
        transformer.Forward(batch);
        transformer.Loss();
        transformer.Backward();
        for (int i = 0; i < twice.Length; i++)
        {
            Assert.Equal(2 * transformer.Gradients[i], twice[i], 1e-4 + 1e-4 * Math.Abs(twice[i]));
        }
    }

    [Fact]
    public void The_generator_gives_the_same_numbers_for_the_same_seeds()
    {
        Assert.Equal(new DeterministicRandom(1, 2).NextBits(), new DeterministicRandom(1, 2).NextBits());
        Assert.NotEqual(new DeterministicRandom(1, 2).NextBits(), new DeterministicRandom(2, 1).NextBits());
    }
}
