using Hearth.Cli.Progress;
using Hearth.Store;
using Hearth.Store.References;
using Hearth.Store.Storage;
using Hearth.Store.Transfer;

namespace Hearth.Cli.Models;

/// <summary>Puts models of the store into registries, and shows how far that is.</summary>
internal static class ModelPusher
{
    /// <summary>Pushes a model.</summary>
    public static async Task PushAsync(
        CliContext context, ModelStore store, StoredModel model, ModelReference target, bool insecure, CancellationToken cancellationToken)
    {
        try
        {
            using TransferDisplay display = TransferDisplay.Create(context, TransferWords.Push);
            await store.PushAsync(model, target, new TransferOptions { Insecure = insecure }, display, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Error.WriteLine($"Stopped. What the registry has got whole it need not get again: 'hearth push {TerminalText.Printable(target.Display)}' goes on from there.");
            throw;
        }

        context.Output.WriteLine($"Pushed {TerminalText.Printable(target.Display)}: {model.Id}");
    }
}
