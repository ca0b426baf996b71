using Hearth.Engine.Scheduling;
using Hearth.Training.Evaluation;
using Hearth.Training.Text;

namespace Hearth.Training;

/// <summary><c>evaluate</c>: the share of the held-out questions that a model file answers.</summary>
internal static class EvaluateCommand
{
    /// <summary>Runs the command.</summary>
    public static Task<int> RunAsync(Arguments arguments) =>
        EvaluateAsync(arguments.Text("model"), GuideText.Load(arguments.Text("data")), arguments.Flag("verbose"));

    /// <summary>Prints the figure, and every wrong answer when <paramref name="verbose"/>.</summary>
    public static async Task<int> EvaluateAsync(string path, GuideText text, bool verbose)
    {
        using LanguageModel model = LanguageModel.Load(path);
        IReadOnlyList<HeldOutEvaluation.Result> results = await HeldOutEvaluation.RunAsync(model, text.HeldOut, CancellationToken.None);
        foreach (HeldOutEvaluation.Result result in results.Where(result => verbose && !result.Correct))
        {
            Console.WriteLine($"wrong: {result.Question}\n  expected: {result.Intent.Name}\n  answered: {result.Answer}");
        }

        int correct = results.Count(result => result.Correct);
        Console.WriteLine($"held-out: {correct} of {results.Count} answered correctly ({100.0 * correct / results.Count:F1} %)");
        return 0;
    }
}
