using System.CommandLine;
using Hearth.Cli.Commands.Debugging;
using Hearth.Cli.Models;
using Hearth.Cli.Progress;
using Hearth.Store;
using Hearth.Store.Modelfiles;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth create</c>.</summary>
internal static class CreateCommand
{
    private const string DefaultFile = "Modelfile";

    public static Command Create(CliContext context)
    {
        Argument<string> target = ModelArguments.Target("The model's name");
        Option<string> file = new("--file", "-f") { Description = "The Modelfile", HelpName = "FILE", DefaultValueFactory = _ => DefaultFile };
        Command command = new("create", "Make a model as a Modelfile says (Ollama's grammar). A base that is not here is pulled.") { target, file };
        return command.DoStoppable(context, async (parsed, cancellationToken) =>
        {
            ModelStore store = context.OpenStore();
            ModelReference reference = store.ParseReference(parsed.GetValue(target)!);
            string path = Path.GetFullPath(parsed.GetValue(file)!);
            Modelfile modelfile = await ReadAsync(parsed.GetValue(file)!, path, cancellationToken);
            string folder = Path.GetDirectoryName(path)!;
            foreach (string from in modelfile.From.Where(from => !IsFile(folder, from) && store.Find(from) is null))
            {
                await new ModelResolver(context).PullMissingAsync(store, from, cancellationToken);
            }

            InlineProgress<string> steps = new(step => context.Error.WriteLine(TerminalText.Printable(step)));
            StoredModel model = await store.CreateAsync(modelfile, folder, reference, steps, cancellationToken);
            context.Output.WriteLine($"Created {TerminalText.Printable(reference.Display)}: {model.Id}, {HumanText.Size(model.Size)}");
            return ExitCode.Success;
        });
    }

    private static bool IsFile(string folder, string from) =>
        Path.Exists(Path.Combine(folder, from)) || ModelWord.KindOf(from) == ModelWordKind.Path;

    private static async Task<Modelfile> ReadAsync(string name, string path, CancellationToken cancellationToken)
    {
        if (!Path.Exists(path))
        {
            throw new CliUsageException($"There is no '{name}'; say with --file where the Modelfile is.");
        }

        try
        {
            return Modelfile.Parse(await DebugCommand.ReadBytesAsync(path, cancellationToken));
        }
        catch (ModelfileException exception)
        {
            throw new CliUsageException($"{name}: {exception.Message}");
        }
    }
}
