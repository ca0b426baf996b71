using Hearth.Training.Model;
using Hearth.Training.Optimization;
using Hearth.Training.Text;
using Hearth.Training.Vocabulary;

namespace Hearth.Training.Tests.Optimization;

public sealed class TrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("guide").FullName;

    [Fact]
    public void The_same_seed_gives_the_same_file_and_the_loss_falls()
    {
        (byte[] first, double before, double after) = Train(seed: 1, "first.gguf");
        (byte[] second, _, _) = Train(seed: 1, "second.gguf");
        (byte[] other, _, _) = Train(seed: 2, "other.gguf");

        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
        Assert.True(after < 0.5 * before, $"The loss was {before}, then {after}.");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (byte[] File, double FirstLoss, double LastLoss) Train(long seed, string name)
    {
        const int Steps = 40;
        File.WriteAllLines(Path.Combine(_folder, "words.txt"), ["@before please", "@system Be brief."]);
        File.WriteAllLines(Path.Combine(_folder, "theme.txt"), ["# one", "Q: (what|who) is hearth", "A: A program.", "# two", "Q: bye [now]", "A: Bye!"]);
        File.WriteAllText(Path.Combine(_folder, "heldout.txt"), "one: hearth?");
        var sampler = new DialogueSampler(GuideText.Load(_folder));
        BpeVocabulary vocabulary = BpeTrainer.Train(["what who is hearth bye now please A program. Bye! assistant user system"], 288);
        var layout = new ParameterLayout(new TransformerShape(vocabulary.Tokens.Count, 32, 2, 2, 1, 64, 256));
        var trainer = new Trainer(
            layout, sampler, () => new ChatEncoder(new BpeVocabulary(vocabulary.Merges)), new TrainingOptions(seed, Steps, ShardTokens: 128, PeakRate: 0.01f));
        var losses = new List<double>();
        for (int step = 1; step <= Steps; step++)
        {
            (double loss, int targets, _) = trainer.Step(step);
            losses.Add(loss / targets);
        }

        string path = Path.Combine(_folder, name);
        GuideFile.Save(path, "test", layout, trainer.Weights, vocabulary);
        return (File.ReadAllBytes(path), losses[0], losses[^1]);
    }
}
