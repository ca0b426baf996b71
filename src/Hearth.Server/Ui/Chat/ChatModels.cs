using Hearth.Server.Hosting;
using Hearth.Store;
using Hearth.Store.Storage;

namespace Hearth.Server.Ui.Chat;

/// <summary>The models that one can talk to.</summary>
internal static class ChatModels
{
    /// <summary>Their names: those that are served, then those of the store.</summary>
    public static IReadOnlyList<string> List(ModelHost host)
    {
        List<string> names = [.. host.Models.Where(served => !served.IsEmbedder).Select(served => served.Name)];
        HashSet<string> known = [.. host.Models.Select(served => served.Id?.ToString()).OfType<string>()];
        foreach (StoredModel model in Stored(host))
        {
            if (!known.Contains(model.Id.ToString()) && !names.Contains(model.DisplayName))
            {
                names.Add(model.DisplayName);
            }
        }

        return names;
    }

    private static IReadOnlyList<StoredModel> Stored(ModelHost host)
    {
        try
        {
            return host.Options.Store is ModelStore store ? store.List() : [];
        }
        catch (StoreException)
        {
            return [];
        }
    }
}
