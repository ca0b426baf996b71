using Hearth.Store.Packaging;
using Hearth.Store.Registries;
using Hearth.Store.Storage;

namespace Hearth.Store;

/// <summary>What a store works with.</summary>
public sealed record ModelStoreOptions
{
    /// <summary>Reads the headers of GGUF files, which packaging asks for.</summary>
    public GgufReader? ReadGguf { get; init; }

    /// <summary>How registries are spoken to.</summary>
    public RegistryOptions Registries { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long to wait for other processes that keep the store from being changed.</summary>
    public TimeSpan LockPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How files are changed.</summary>
    internal StoreFiles Files { get; init; } = new();

    /// <summary>Where it is kept which folder the models are in.</summary>
    internal string HomeFolder { get; init; } = StoreLocation.Home();
}
