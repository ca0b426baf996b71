using System.CommandLine;
using Hearth.Store;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth rm</c>.</summary>
internal static class RemoveCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string[]> models = ModelArguments.Locals("The models to remove", ArgumentArity.OneOrMore);
        Option<bool> force = new("--force", "-f") { Description = "Remove a model by its ID though it has several names" };
        Command command = new("rm", "Remove names of models, and with the last name of a model its files.") { models, force };
        return command.Do(context, parsed =>
        {
            ModelStore store = context.OpenStore();
            int code = ExitCode.Success;
            foreach (string name in parsed.GetValue(models)!)
            {
                try
                {
                    Print(context, store.Remove(name, parsed.GetValue(force)));
                }
                catch (Exception exception) when (CliErrors.CodeOf(exception) is int failed)
                {
                    // The others go all the same.
                    context.Note(exception.Message);
                    code = failed;
                }
            }

            return code;
        });
    }

    private static void Print(CliContext context, RemovalResult result)
    {
        foreach (ModelReference reference in result.Untagged)
        {
            context.Output.WriteLine($"Untagged: {TerminalText.Printable(reference.Display)}");
        }

        foreach (Digest digest in result.Deleted)
        {
            context.Output.WriteLine($"Deleted: {digest}");
        }

        if (result.ContentsKept)
        {
            context.Note("Another program adds models, so files that no model uses any more are still there; 'hearth prune' removes them.");
        }
    }
}
