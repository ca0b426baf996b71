using Hearth.Cli.Progress;
using Hearth.Engine.Gguf;
using Hearth.Server.Settings;
using Hearth.Store;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;
using Hearth.Store.Transfer;

namespace Hearth.Cli.Models;

/// <summary>Finds the model that a user's word means: a file, a model that Hearth brings along, one of the store, or one to be pulled.</summary>
/// <param name="context">The store, and where progress goes.</param>
internal sealed class ModelResolver(CliContext context)
{
    /// <summary>The model that a word means, of those that are here.</summary>
    /// <exception cref="ReferenceException">It is no file and no name.</exception>
    /// <exception cref="ModelNotFoundException">The store has no such model, or it may mean several.</exception>
    public ResolvedModel Resolve(string word)
    {
        if (ModelWord.KindOf(word) != ModelWordKind.Name)
        {
            return ResolvedModel.OfFile(word);
        }

        ModelStore store = context.OpenStore();
        return Open(store, Find(store, word) ?? throw new ModelNotFoundException(word));
    }

    /// <summary>The models that words mean; what is not here is pulled, until a signal ends that in order. Signals are left alone afterwards.</summary>
    /// <returns>The models; null when a signal has ended it.</returns>
    /// <exception cref="ReferenceException">A word is no file and no name.</exception>
    public async Task<IReadOnlyList<ResolvedModel>?> ResolveOrPullAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        using StopSignals signals = new(cancellationToken);
        try
        {
            List<ResolvedModel> models = [];
            foreach (string word in words)
            {
                models.Add(await ResolveOrPullAsync(word, signals.Stopped));
            }

            return models;
        }
        catch (OperationCanceledException) when (signals.Stopped.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The model that a word means; one that is not here is pulled.</summary>
    /// <exception cref="ReferenceException">It is no file and no name.</exception>
    public async Task<ResolvedModel> ResolveOrPullAsync(string word, CancellationToken cancellationToken)
    {
        if (ModelWord.KindOf(word) != ModelWordKind.Name)
        {
            return ResolvedModel.OfFile(word);
        }

        ModelStore store = context.OpenStore();
        return Open(store, Find(store, word) ?? await PullMissingAsync(store, word, cancellationToken));
    }

    /// <summary>Pulls a model that is not here.</summary>
    public async Task<StoredModel> PullMissingAsync(ModelStore store, string word, CancellationToken cancellationToken)
    {
        ModelReference reference = store.ParseReference(word);
        context.Error.WriteLine($"Unable to find model '{TerminalText.Printable(word)}' locally; pulling it.");
        return (await PullAsync(store, reference, new TransferOptions(), cancellationToken)).Model;
    }

    /// <summary>Pulls a model and shows how far it is.</summary>
    public async Task<PullResult> PullAsync(ModelStore store, ModelReference reference, TransferOptions options, CancellationToken cancellationToken)
    {
        try
        {
            using TransferDisplay display = TransferDisplay.Create(context, TransferWords.Pull);
            return await store.PullAsync(reference, options, display, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Error.WriteLine($"Stopped. What has arrived is kept; 'hearth pull {TerminalText.Printable(reference.Display)}' goes on from there.");
            throw;
        }
    }

    private static StoredModel? Find(ModelStore store, string word)
    {
        StoredModel? found = store.Find(word);
        if (found is null)
        {
            // A word that is no reference either is told as such.
            store.ParseReference(word);
        }

        return found;
    }

    private static ResolvedModel Open(ModelStore store, StoredModel model)
    {
        ModelContent content = store.Open(model);
        return new ResolvedModel
        {
            Name = model.DisplayName,
            Weights = new GgufPaths(content.Weights),
            SettingsKey = SettingsStore.KeyOf(model),
            Stored = model,
            Content = content,
        };
    }
}
