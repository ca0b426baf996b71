using System.Net;

namespace Hearth.Store.Registries;

/// <summary>How registries are spoken to.</summary>
public sealed record RegistryOptions
{
    /// <summary>The registry of names without one.</summary>
    public string DefaultRegistry { get; init; } = References.ModelReference.DockerHub;

    /// <summary>Hosts to ask before Docker Hub, in their order.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>Hosts that may be spoken to without encryption, beside those of this machine.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>Whether registries at addresses of this machine or of a private network are refused unless they are named in these options.</summary>
    public bool RefusesPrivateRegistries { get; init; }

    /// <summary>Hosts that may be spoken to all the same, beside the default registry, mirrors and those that need no encryption.</summary>
    public IReadOnlyList<string> PrivateRegistries { get; init; } = [];

    /// <summary>A file of certificates (PEM) to trust beside the system's; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The folder of Docker's <c>config.json</c> with credentials; null for <c>$DOCKER_CONFIG</c>, else <c>~/.docker</c>.</summary>
    public string? DockerConfigFolder { get; init; }

    /// <summary>Hugging Face's address.</summary>
    public Uri HuggingFace { get; init; } = new("https://huggingface.co");

    /// <summary>A token for Hugging Face; null for none.</summary>
    public string? HuggingFaceToken { get; init; }

    /// <summary>The file that has the token for Hugging Face where <see cref="HuggingFaceToken"/> is null; null for none. It need not be there.</summary>
    public string? HuggingFaceTokenFile { get; init; }

    /// <summary>What the environment has in the place of an address of Hugging Face; null where it has none or a right one.</summary>
    internal string? WrongHuggingFace { get; init; }

    /// <summary>Ollama's registry.</summary>
    public Uri Ollama { get; init; } = new("https://registry.ollama.ai");

    /// <summary>Docker Hub's registry.</summary>
    public Uri DockerHub { get; init; } = new("https://registry-1.docker.io");

    /// <summary>Docker Hub's search.</summary>
    public Uri DockerHubSearch { get; init; } = new("https://hub.docker.com");

    /// <summary>Layers that are transferred at once.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Connections that a large layer is fetched over at once.</summary>
    public int ConnectionsPerLayer { get; init; } = 4;

    /// <summary>Times that something is tried again without getting any further.</summary>
    public int Retries { get; init; } = 6;

    /// <summary>The wait before the first retry; it doubles with each.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may be silent.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where Docker's credential helpers are; null for the system's search path.</summary>
    internal string? CredentialHelperFolder { get; init; }

    /// <summary>Bytes of a large content that are asked for at once.</summary>
    internal long PieceBytes { get; init; } = 32 << 20;

    /// <summary>Bytes of a large content that are pushed at once.</summary>
    internal long ChunkBytes { get; init; } = 64 << 20;

    /// <summary>The proxies; null for the system's.</summary>
    internal IWebProxy? Proxy { get; init; }

    /// <summary>Names and connections.</summary>
    internal Http.RegistryNetwork Network { get; init; } = new();

    /// <summary>Whether whoever runs the program has named a registry, and not only who asks it for something.</summary>
    /// <param name="origin">Its scheme, host and port.</param>
    internal bool Names(Uri origin) =>
        ((string[])[DefaultRegistry, .. Mirrors, .. InsecureRegistries, .. PrivateRegistries]).Select(HostOf).Concat([HuggingFace.Authority, Ollama.Authority, DockerHub.Authority])
            .Any(host => host.Equals(origin.Authority, StringComparison.OrdinalIgnoreCase) || host.Equals(origin.Host, StringComparison.OrdinalIgnoreCase));

    private static string HostOf(string registry) => Uri.TryCreate(registry, UriKind.Absolute, out Uri? address) && address.Host.Length > 0 ? address.Authority : registry;

    /// <summary>
    /// Options from the environment: <c>HEARTH_REGISTRY</c>, <c>HEARTH_REGISTRY_MIRRORS</c>, <c>HEARTH_INSECURE_REGISTRIES</c>, <c>HEARTH_PRIVATE_REGISTRIES</c>, <c>HEARTH_CA_FILE</c>,
    /// <c>HF_TOKEN</c>, <c>HF_TOKEN_PATH</c>, <c>HF_HOME</c>, <c>HF_ENDPOINT</c>.
    /// </summary>
    public static RegistryOptions FromEnvironment()
    {
        static string? Get(string name) => Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value ? value : null;
        static string[] List(string name) => Get(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        RegistryOptions options = new();
        string? endpoint = Get("HF_ENDPOINT");
        Uri? url = ReadUrl(endpoint);
        return options with
        {
            DefaultRegistry = Get("HEARTH_REGISTRY") ?? options.DefaultRegistry,
            Mirrors = List("HEARTH_REGISTRY_MIRRORS"),
            InsecureRegistries = List("HEARTH_INSECURE_REGISTRIES"),
            PrivateRegistries = List("HEARTH_PRIVATE_REGISTRIES"),
            CertificateFile = Get("HEARTH_CA_FILE"),
            HuggingFaceToken = Get("HF_TOKEN"),
            HuggingFaceTokenFile = Get("HF_TOKEN_PATH") ?? Path.Combine(Get("HF_HOME") ?? Path.Combine(Get("XDG_CACHE_HOME") ?? Path.Combine(home, ".cache"), "huggingface"), "token"),
            HuggingFace = url ?? options.HuggingFace,
            WrongHuggingFace = url is null ? endpoint : null,
        };
    }

    /// <summary>Hugging Face, for somebody who is about to ask it.</summary>
    /// <exception cref="RegistryException">The environment names something else than an address.</exception>
    internal Uri UseHuggingFace() => WrongHuggingFace is null ? HuggingFace
        : throw new RegistryException(RegistryErrorKind.Refused, $"$HF_ENDPOINT is '{WrongHuggingFace}', which is not the URL of Hugging Face or of a mirror of it, such as https://huggingface.co.");

    private static Uri? ReadUrl(string? text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) ? url : null;
}
