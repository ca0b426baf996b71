using System.CommandLine;
using Hearth.Cli.Models;
using Hearth.Store;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth push</c>.</summary>
internal static class PushCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> model = ModelArguments.Local("The model to put into the registry that its name begins with");
        Option<bool> insecure = ModelArguments.Insecure();
        Command command = new("push", "Put a stored model into a registry. 'hearth tag' gives it the name to push it by.") { model, insecure };
        return command.DoStoppable(context, async (parsed, cancellationToken) =>
        {
            ModelStore store = context.OpenStore();
            string name = parsed.GetValue(model)!;
            StoredModel stored = store.Get(name);
            await ModelPusher.PushAsync(context, store, stored, TargetOf(store, stored, name), parsed.GetValue(insecure), cancellationToken);
            return ExitCode.Success;
        });
    }

    private static ModelReference TargetOf(ModelStore store, StoredModel model, string name)
    {
        ModelReference? named = ModelReference.TryParse(name, out _) ? store.ParseReference(name) : null;
        return named is not null && model.References.Contains(named) ? named
            : model.References is [ModelReference only] ? only
            : throw new CliUsageException(model.References.Count == 0
                ? $"{model.Id.Abbreviated} has no name to push it by; 'hearth tag' gives it one."
                : $"'{name}' has several names ({string.Join(", ", model.References.Select(reference => reference.Display))}); say which one to push.");
    }
}
