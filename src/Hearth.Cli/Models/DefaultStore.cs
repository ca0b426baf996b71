using Hearth.Store;
using Hearth.Store.Registries;

namespace Hearth.Cli.Models;

/// <summary>The store of this user.</summary>
internal static class DefaultStore
{
    /// <summary>The store in its usual folder, with registries as the environment says.</summary>
    public static ModelStore Open() => new(StoreLocation.Models(), new ModelStoreOptions
    {
        ReadGguf = ModelHeaders.Read,
        Registries = RegistryOptions.FromEnvironment(),
    });
}
