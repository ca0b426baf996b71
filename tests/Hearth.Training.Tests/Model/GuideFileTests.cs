using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;
using Hearth.Training.Model;
using Hearth.Training.Vocabulary;

namespace Hearth.Training.Tests.Model;

public sealed class GuideFileTests
{
    [Fact]
    public void The_exported_file_gives_the_trainers_logits_to_an_independent_forward()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");
        try
        {
            BpeVocabulary vocabulary = BpeTrainer.Train(["hello hearth, hello guide: how are you, hearth? what do you know about streaming answers"], 288);
            var layout = new ParameterLayout(TinyModel.Shape with { Vocabulary = vocabulary.Tokens.Count + 32 });
            Assert.Throws<InvalidDataException>(() => GuideFile.Save(path, "test", layout, new float[layout.Length], vocabulary));

            layout = new ParameterLayout(TinyModel.Shape with { Vocabulary = vocabulary.Tokens.Count });
            GuideFile.Save(path, "test", layout, TinyModel.DrawWeights(layout, 3), vocabulary);
            AssertSameLogits(path, vocabulary);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AssertSameLogits(string path, BpeVocabulary vocabulary)
    {
        using GgufFile file = GgufFile.Open(path);
        Assert.Equal("llama", file.Metadata.GetString("general.architecture"));
        Assert.Equal(TensorType.Q8_0, file.Tensor("blk.0.ffn_down.weight").Type);
        Assert.Equal(TensorType.F32, file.Tensor("output_norm.weight").Type);
        Assert.Equal(BpeVocabulary.MessageEnd, file.Metadata.GetInteger("tokenizer.ggml.eos_token_id"));

        (ParameterLayout layout, float[] weights, BpeVocabulary read) = GuideFile.Load(path);
        Assert.Equal(vocabulary.Tokens, read.Tokens);
        int[] tokens = [1, .. read.Encode("hello you"), 2, 1, 40, 50];
        var learned = new bool[tokens.Length + 1];
        learned[^1] = true;
        var batch = new PackedBatch();
        batch.Add([.. tokens, 0], learned);
        float[] logits = new Transformer(layout, weights).Forward(batch).ToArray();
        double[] expected = new ReferenceForward(file).LastLogits(tokens);
        double power = expected.Sum(x => x * x);
        double error = expected.Zip(logits, (x, y) => (x - y) * (x - y)).Sum();
        Assert.True(error / power < 1e-9, $"normalised mean squared error {error / power}");
    }
}
