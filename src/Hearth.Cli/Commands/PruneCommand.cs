using System.CommandLine;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth prune</c>.</summary>
internal static class PruneCommand
{
    public static Command Create(CliContext context)
    {
        Option<bool> all = new("--all", "-a") { Description = "Remove models without a name, too" };
        Option<bool> force = new("--force", "-f") { Description = "Do not ask" };
        Command command = new("prune", "Remove files that no model uses, and downloads that were broken off.") { all, force };
        return command.Do(context, parsed =>
        {
            if (!parsed.GetValue(force))
            {
                if (!context.HasInputTerminal)
                {
                    throw new CliUsageException("There is nobody to ask; say --force to remove without asking.");
                }

                string models = parsed.GetValue(all) ? ", models without a name" : string.Empty;
                if (!context.Confirm($"Remove files that no model uses, downloads that were broken off{models}?"))
                {
                    context.Error.WriteLine("Nothing was removed.");
                    return ExitCode.Success;
                }
            }

            PruneResult result = context.OpenStore().Prune(parsed.GetValue(all));
            foreach (StoredModel model in result.Models)
            {
                context.Output.WriteLine($"Deleted: {model.Id}");
            }

            context.Output.WriteLine(
                $"Removed {Count(result.Models.Count, "model")}, {Count(result.Contents, "unused file")} and {Count(result.PartialDownloads, "broken-off download")}: "
                + $"{HumanText.Size(result.FreedBytes)} are free now.");
            return ExitCode.Success;
        });
    }

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
