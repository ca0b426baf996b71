using System.CommandLine;
using Hearth.Cli.Progress;
using Hearth.Store;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth load</c>.</summary>
internal static class LoadCommand
{
    public static Command Create(CliContext context)
    {
        Option<string?> input = new("--input", "-i") { Description = "The archive to read [default: standard input]", HelpName = "FILE" };
        Command command = new("load", "Read models from an archive that 'hearth save', or Docker Model Runner, has written.") { input };
        return command.DoStoppable(context, async (parsed, cancellationToken) =>
        {
            string? path = parsed.GetValue(input);
            if (path is null && context.HasInputTerminal)
            {
                throw new CliUsageException("Say which archive to read: --input FILE, or redirect the input.");
            }

            ModelStore store = context.OpenStore();
            InlineProgress<string> steps = new(step => context.Error.WriteLine(TerminalText.Printable(step)));
            await using Stream stream = path is null ? context.OpenInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.Asynchronous | FileOptions.SequentialScan);
            foreach (StoredModel model in await store.LoadAsync(stream, steps, cancellationToken))
            {
                context.Output.WriteLine($"Loaded {TerminalText.Printable(model.DisplayName)}: {model.Id}");
            }

            return ExitCode.Success;
        });
    }
}
