using System.CommandLine;
using Hearth.Cli.Progress;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth verify</c>.</summary>
internal static class VerifyCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string?> model = new("model") { Description = "The model to look at [default: all]", HelpName = ModelArguments.Stored, Arity = ArgumentArity.ZeroOrOne };
        Option<bool> repair = new("--repair") { Description = "Remove what is broken, so that the next pull fetches it again" };
        Command command = new("verify", "Read every file of the stored models and compare it with its digest.") { model, repair };
        return command.DoStoppable(context, async (parsed, cancellationToken) =>
        {
            bool repairs = parsed.GetValue(repair);
            VerificationResult result;
            using (PercentLine line = new(context))
            {
                result = await context.OpenStore().VerifyAsync(parsed.GetValue(model), repairs, line, cancellationToken);
            }

            foreach (VerificationProblem problem in result.Problems)
            {
                string users = problem.Models.Count == 0 ? "used by no model" : $"used by {string.Join(", ", problem.Models)}";
                context.Output.WriteLine(TerminalText.Printable($"{problem.Digest}: {problem.Problem} ({users})"));
            }

            string looked = $"{HumanText.Count(result.Models, "model")}, {HumanText.Count(result.Contents, "content")}, {HumanText.Size(result.Bytes)}";
            if (result.Problems.Count == 0)
            {
                context.Output.WriteLine($"{looked}: all as it should be.");
                return ExitCode.Success;
            }

            context.Note($"{looked}: {result.Problems.Count} not as they should be. " + (repairs
                ? "They have been removed; pull the models again."
                : "'hearth verify --repair' removes them, so that the next pull fetches them again."));
            return ExitCode.Failure;
        });
    }
}
