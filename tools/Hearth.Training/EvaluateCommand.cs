using Hearth.Training.Evaluation;
using Hearth.Training.Model;
using Hearth.Training.Text;
using Hearth.Training.Vocabulary;

namespace Hearth.Training;

/// <summary><c>evaluate</c>: the share of the held-out questions that a model file answers.</summary>
internal static class EvaluateCommand
{
    /// <summary>Runs the command.</summary>
    public static int Run(Arguments arguments) =>
        Evaluate(arguments.Text("model"), GuideText.Load(arguments.Text("data")), arguments.Flag("verbose"));

    /// <summary>Prints the figure, and every wrong answer when <paramref name="verbose"/>.</summary>
    public static int Evaluate(string path, GuideText text, bool verbose)
    {
        (ParameterLayout layout, float[] weights, BpeVocabulary vocabulary) = GuideFile.Load(path);
        HeldOutEvaluation.Result[] results = HeldOutEvaluation.Run(layout, weights, vocabulary, text.HeldOut);
        foreach (HeldOutEvaluation.Result result in results.Where(result => verbose && !result.Correct))
        {
            Console.WriteLine($"wrong: {result.Question}\n  expected: {result.Intent.Name}\n  answered: {result.Answer}");
        }

        int correct = results.Count(result => result.Correct);
        Console.WriteLine($"held-out: {correct} of {results.Length} answered correctly ({100.0 * correct / results.Length:F1} %)");
        return 0;
    }
}
