using Hearth.Training.Model;
using Hearth.Training.Numerics;
using Hearth.Training.Optimization;
using Hearth.Training.Text;
using Hearth.Training.Vocabulary;

namespace Hearth.Training;

/// <summary><c>train</c>: vocabulary, training, export, and the held-out figure of the exported file.</summary>
internal static class TrainCommand
{
    private const int VocabularyDialogues = 20000;

    /// <summary>Trains and writes the file.</summary>
    public static async Task<int> RunAsync(Arguments arguments)
    {
        GuideText text = GuideText.Load(arguments.Text("data"));
        string path = arguments.Text("out");
        int seed = arguments.Integer("seed", 1);
        var sampler = new DialogueSampler(text);
        BpeVocabulary vocabulary = BpeTrainer.Train(VocabularyTexts(sampler, seed), arguments.Integer("vocabulary", 1536));
        var shape = new TransformerShape(
            Vocabulary: vocabulary.Tokens.Count,
            Width: arguments.Integer("width", 192),
            Layers: arguments.Integer("layers", 4),
            Heads: arguments.Integer("width", 192) / 32,
            KeyValueHeads: arguments.Integer("width", 192) / 64,
            FeedForward: arguments.Integer("inner", 512),
            Context: 1024);
        var layout = new ParameterLayout(shape);
        var options = new TrainingOptions(seed, arguments.Integer("steps", 1700));
        Console.WriteLine($"{text.Intents.Count} intents, {text.Intents.Sum(intent => intent.Wordings.Count)} wording patterns");
        Console.WriteLine($"{layout.Length} weights: {shape}");
        Console.WriteLine(options);
        var trainer = new Trainer(layout, sampler, () => new ChatEncoder(new BpeVocabulary(vocabulary.Merges)), options);
        trainer.Run(Console.Out, CancellationToken.None);
        GuideFile.Save(path, "Hearth guide", layout, trainer.Weights, vocabulary);
        Console.WriteLine($"{path}: {new FileInfo(path).Length} bytes");
        return await EvaluateCommand.EvaluateAsync(path, text, verbose: false);
    }

    private static IEnumerable<string> VocabularyTexts(DialogueSampler sampler, int seed)
    {
        var random = new DeterministicRandom(seed, -2);
        return Enumerable.Range(0, VocabularyDialogues)
            .SelectMany(_ => sampler.Next(random).Messages)
            .Select(message => message.Content)
            .Append("system\nuser\nassistant\n");
    }
}
