using System.CommandLine.Completions;
using Hearth.Server;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Cli.Completion;

/// <summary>Names of models that a shell may complete.</summary>
internal static class ModelCompletions
{
    /// <summary>The models of the store and those that Hearth brings along.</summary>
    public static IEnumerable<CompletionItem> Names(CliContext context)
    {
        try
        {
            return
            [
                .. context.OpenStore().List().SelectMany(model => model.References.Select(reference => Item(reference, model))),
                new CompletionItem(BuiltInModels.Guide, detail: "comes with Hearth"),
            ];
        }
        catch (Exception exception) when (CliErrors.CodeOf(exception) is not null)
        {
            // A shell that completes has no place for a message.
            return [];
        }
    }

    private static CompletionItem Item(ModelReference reference, StoredModel model) => new(reference.Display, detail: HumanText.Size(model.Size));
}
