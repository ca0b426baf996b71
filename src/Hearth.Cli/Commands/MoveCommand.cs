using System.CommandLine;
using Hearth.Cli.Progress;
using Hearth.Store;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth move</c>.</summary>
internal static class MoveCommand
{
    private const string FolderVariable = "HEARTH_MODELS";

    public static Command Create(CliContext context)
    {
        Argument<string> folder = new("folder") { Description = "The folder to move them to, which must be empty or not there yet", HelpName = "FOLDER" };
        Command command = new("move", "Move the stored models to another folder, maybe on another drive. They are verified there before they go here.") { folder };
        return command.DoStoppable(context, async (parsed, cancellationToken) =>
        {
            ModelStore moved;
            using (PercentLine line = new(context))
            {
                moved = await context.OpenStore().MoveAsync(parsed.GetValue(folder)!, line, cancellationToken);
            }

            context.Output.WriteLine($"The models are in {TerminalText.Printable(moved.Folder)} now.");
            if (context.Variable(FolderVariable) is string named)
            {
                context.Note($"{FolderVariable} still names '{named}', which takes precedence; change it.");
            }

            return ExitCode.Success;
        });
    }
}
