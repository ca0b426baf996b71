using System.CommandLine;
using Hearth.Store;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth save</c>.</summary>
internal static class SaveCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string[]> models = ModelArguments.Locals("The models", ArgumentArity.OneOrMore);
        Option<string?> output = new("--output", "-o") { Description = "The archive to write [default: standard output]", HelpName = "FILE" };
        Command command = new("save", "Write models as an archive (tar, an OCI image layout), for 'hearth load' elsewhere.") { models, output };
        return command.DoStoppable(context, async (parsed, cancellationToken) =>
        {
            string? path = parsed.GetValue(output);
            if (path is null && context.HasOutputTerminal)
            {
                throw new CliUsageException("An archive is not for a terminal: give --output FILE, or redirect the output.");
            }

            ModelStore store = context.OpenStore();
            StoredModel[] chosen = [.. parsed.GetValue(models)!.Select(store.Get).DistinctBy(model => model.Id)];
            if (path is null)
            {
                await using Stream stream = context.OpenOutput();
                await store.SaveAsync(chosen, stream, cancellationToken);
            }
            else
            {
                await SaveAsync(store, chosen, path, cancellationToken);
                context.Output.WriteLine($"Saved {HumanText.Count(chosen.Length, "model")} to {TerminalText.Printable(path)}: {HumanText.Size(new FileInfo(path).Length)}");
            }

            return ExitCode.Success;
        });
    }

    // The file appears when it is whole.
    private static async Task SaveAsync(ModelStore store, StoredModel[] models, string path, CancellationToken cancellationToken)
    {
        string temporary = $"{Path.GetFullPath(path)}.{Guid.NewGuid():N}.tmp";
        try
        {
            await using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20, FileOptions.Asynchronous))
            {
                await store.SaveAsync(models, file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
