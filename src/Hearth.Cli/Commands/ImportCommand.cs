using System.CommandLine;
using Hearth.Cli.Models;
using Hearth.Cli.Progress;
using Hearth.Store;
using Hearth.Store.Importing;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth import</c>.</summary>
internal static class ImportCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string[]> names = new("models")
        {
            Description = "The models to take, by the names that 'hearth list --all' shows",
            HelpName = "NAME",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> link = new("--link") { Description = "Leave the files where they are and only point to them" };
        Option<bool> all = new("--all", "-a") { Description = "Take every model that is found" };
        Command command = new("import", "Take models that Docker Model Runner, Ollama, llama.cpp or Hugging Face's programs have on this machine.") { names, link, all };
        return command.DoStoppable(context, async (parsed, cancellationToken) =>
        {
            string[] chosen = parsed.GetValue(names) ?? [];
            if (chosen.Length > 0 == parsed.GetValue(all))
            {
                throw new CliUsageException("Say which models to take, or --all; 'hearth list --all' shows what there is.");
            }

            IReadOnlyList<ForeignModel> found = ModelStore.FindForeign();
            ModelStore store = context.OpenStore();
            foreach (ForeignModel model in chosen.Length == 0 ? found : [.. chosen.Select(name => Find(store, found, name))])
            {
                StoredModel imported;
                using (PercentLine line = new(context))
                {
                    imported = await store.ImportAsync(model, parsed.GetValue(link), line, cancellationToken);
                }

                context.Output.WriteLine($"Imported {TerminalText.Printable(imported.DisplayName)} from {ModelList.NameOf(model.Source)}: {imported.Id}");
            }

            if (found.Count == 0)
            {
                context.Error.WriteLine("No other program has models on this machine.");
            }

            return ExitCode.Success;
        });
    }

    private static ForeignModel Find(ModelStore store, IReadOnlyList<ForeignModel> found, string name)
    {
        ModelReference reference = store.ParseReference(name);
        ForeignModel[] named = [.. found.Where(model => model.Reference.Equals(reference))];
        ForeignModel[] candidates = named.Length > 0 ? named : [.. found.Where(model => ModelList.Matches(model.Reference, name))];
        return candidates.DistinctBy(model => model.Reference).ToArray() is [ForeignModel only] ? only
            : candidates.Length == 0 ? throw new ModelNotFoundException(name)
            : throw new ModelNotFoundException(name, [.. candidates.Select(model => model.Reference.Display)]);
    }
}
