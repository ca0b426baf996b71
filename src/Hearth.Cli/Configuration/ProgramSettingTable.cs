using System.Globalization;
using System.Text.RegularExpressions;
using Hearth.Cli.Commands;
using Hearth.Cli.Remote;
using Hearth.Server;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Hearth.Server.Observability;
using Hearth.Server.Settings;
using Hearth.Store;

namespace Hearth.Cli.Configuration;

/// <summary>Everything that can be set for the program, with all names that it has.</summary>
internal static partial class ProgramSettingTable
{
    private const string Serve = "serve";
    private const string Ollama = "Ollama";
    private const string ModelRunner = "Docker Model Runner";
    private const string LlamaServer = "llama-server";

    /// <summary>Where the server listens.</summary>
    public static ProgramSetting Listen { get; } = new("listen", "Where the server listens")
    {
        Variable = "HEARTH_LISTEN",
        Peers =
        [
            new("OLLAMA_HOST", Ollama, "its port is 11434 where it names none", (text, _) => [OllamaHost.Parse(text).ListenText]),
            new("MODEL_RUNNER_PORT", ModelRunner, "a port of all interfaces", (text, _) => [$"*:{text}"]),
            new("MODEL_RUNNER_SOCK", ModelRunner, "the path of a socket", (text, _) => [$"unix:{text}"]),
            new("LLAMA_ARG_HOST", LlamaServer, "with the port of `LLAMA_ARG_PORT`, else 8080", (text, variable) => [LlamaAddress(text, variable("LLAMA_ARG_PORT"))]),
            new("LLAMA_ARG_PORT", LlamaServer, "a port of this machine", (text, _) => [LlamaAddress("127.0.0.1", text)]),
        ],
        Command = Serve,
        IsInFile = true,
        IsList = true,
        Check = Each(ListenAddress.Parse),
        Default = () => ListenAddress.Default.Text,
    };

    /// <summary>The server that commands ask.</summary>
    public static ProgramSetting Host { get; } = new("host", "The server that `ps`, `stop`, `status`, `logs` and others ask")
    {
        Variable = "HEARTH_HOST",
        Peers =
        [
            new("HEARTH_LISTEN", "Hearth", "the first address that a server here listens on", (text, _) => ProgramConfiguration.Split(text) is [string first, ..] ? [ServerAddress.ClientText(first)] : []),
            new("OLLAMA_HOST", Ollama, "its port is 11434 where it names none", (text, _) => [OllamaHost.Parse(text).ClientText]),
            new("MODEL_RUNNER_HOST", ModelRunner, "as it is", (text, _) => [text]),
        ],
        Command = "status",
        Check = Each(ServerAddress.Parse),
        Default = () => ListenAddress.Default.Text,
        Fallback = configuration => configuration.Find(Listen) is { Texts: [string first, ..] } listen ? listen with { Texts = [ServerAddress.ClientText(first)] } : null,
    };

    /// <summary>The key of clients.</summary>
    public static ProgramSetting Key { get; } = new("api-key", "A key that the server wants from its clients, and that commands show to it")
    {
        Variable = ServerClient.KeyVariable,
        Peers = [new("LLAMA_API_KEY", LlamaServer, "one key", (text, _) => [text.Contains(',') ? throw new FormatException("has several keys; make them with 'hearth keys create'.") : text])],
        IsSecret = true,
    };

    /// <summary>Whether <c>/metrics</c> is there.</summary>
    public static ProgramSetting Metrics { get; } = new("metrics", "Whether `/metrics` is there: on or off")
    {
        Variable = "HEARTH_METRICS",
        Peers = [new("DISABLE_METRICS", ModelRunner, "1 or true turns them off", (text, _) => [ParseFlag(text) ? "off" : "on"])],
        IsInFile = true,
        Check = Each(text => ParseFlag(text)),
        Default = () => "on",
    };

    /// <summary>Where <c>hearth update --check</c> asks.</summary>
    public static ProgramSetting UpdateUrl { get; } = new("update-url", "What `update --check` asks: a repository of GitHub, or an address that answers as its `releases/latest`")
    {
        Variable = "HEARTH_UPDATE_URL",
        IsInFile = true,
        Check = Each(text => ParseUrl(text)),
    };

    /// <summary>The certificate of a server.</summary>
    public static ProgramSetting TlsCertificate { get; } = Server("tls-certificate", "The server's certificate, for https: PEM or PKCS#12", ExistingFile, () => string.Empty,
        new PeerVariable("LLAMA_ARG_SSL_CERT_FILE", LlamaServer, "as it is", (text, _) => [text]));

    /// <summary>Its key.</summary>
    public static ProgramSetting TlsKey { get; } = Server("tls-key", "The certificate's private key, in PEM", ExistingFile, () => "in the file of the certificate",
        new PeerVariable("LLAMA_ARG_SSL_KEY_FILE", LlamaServer, "as it is", (text, _) => [text]));

    /// <summary>The password of that.</summary>
    public static ProgramSetting TlsPasswordFile { get; } = Server("tls-password-file", "A file with the password of the key, or of the PKCS#12 file", ExistingFile, () => string.Empty);

    /// <summary>Authorities beside the system's.</summary>
    public static ProgramSetting AuthorityFile { get; } = new("ca-file", "Certificates (PEM) to trust beside the system's")
    {
        Variable = "HEARTH_CA_FILE",
        Check = Each(ExistingFile),
    };

    /// <summary>The settings, in the order in which they are shown.</summary>
    public static IReadOnlyList<ProgramSetting> All { get; } =
    [
        Listen,
        Host,
        Key,
        Server("memory", "Memory that loaded models may need together, such as 6G", text => ByteSize.Parse(text), () => ByteSize.Format(ModelHostOptions.DefaultMemoryBytes)),
        Server("max-models", "Models that are loaded at once at most", text => ParseCount(text), () => "as many as the memory holds",
            new PeerVariable("OLLAMA_MAX_LOADED_MODELS", Ollama, "0 for any number", Number(0)), new PeerVariable("LLAMA_ARG_MODELS_MAX", LlamaServer, "0 for any number", Number(0))),
        Server("preload", "Whether models are loaded when the server starts: on or off", text => ParseFlag(text), () => "off"),
        Server("alias", "Other names of models, as NAME=MODEL", HostOptionSet.ParseAlias, () => string.Empty) with { IsList = true },
        Server("shutdown-timeout", "How long answers may go on after the server has been told to stop", text => KeepAlive.Parse(text), () => KeepAlive.Format(new HearthServerOptions().ShutdownTimeout)),
        Server("max-connections", "Connections at once; further ones are closed", text => ParseCount(text), () => new ConnectionLimits().MaxConnections.ToString(CultureInfo.InvariantCulture)),
        TlsCertificate,
        TlsKey,
        TlsPasswordFile,
        Server("allow-origin", "Pages that may ask, beside those of this machine", OriginPattern.Parse, () => string.Empty,
            new PeerVariable("OLLAMA_ORIGINS", Ollama, "as it is", (text, _) => ProgramConfiguration.Split(text)), new PeerVariable("DMR_ORIGINS", ModelRunner, "as it is", (text, _) => ProgramConfiguration.Split(text)))
            with { IsList = true },
        Server("allow-host", "Names of this machine that requests may be addressed to", _ => true, () => string.Empty) with { IsList = true },
        Metrics,
        new("otlp-endpoint", "Collector that traces and metrics are sent to") { Variable = OtlpOptions.EndpointVariable, Command = Serve, Check = Each(text => ParseUrl(text)) },
        .. ModelSettingTable.All.Where(setting => !setting.IsOfSampling && setting.Name != "preload").Select(OfModels),
        new("home", "The folder of settings and, unless told otherwise, of models") { Variable = "HEARTH_HOME", Default = StoreLocation.Home },
        new("models", "The folder of models")
        {
            Variable = "HEARTH_MODELS",
            Fallback = _ => StoreLocation.Models() is string folder && folder != Path.Combine(StoreLocation.Home(), "models") ? new SettingValue([folder], SettingSource.File, "hearth move") : null,
            Default = StoreLocation.Models,
        },
        new("registry", "The registry of names without one") { Variable = "HEARTH_REGISTRY", Default = () => "docker.io" },
        new("registry-mirrors", "Hosts to ask before Docker Hub") { Variable = "HEARTH_REGISTRY_MIRRORS", IsList = true },
        new("insecure-registries", "Hosts that may be spoken to without encryption") { Variable = "HEARTH_INSECURE_REGISTRIES", IsList = true },
        new("private-registries", "Hosts of this machine and of private networks that clients of a server that other machines can reach may name") { Variable = "HEARTH_PRIVATE_REGISTRIES", IsList = true },
        AuthorityFile,
        new("hf-token", "The token for Hugging Face") { Variable = "HF_TOKEN", IsSecret = true },
        new("hf-endpoint", "Hugging Face, or a mirror of it") { Variable = "HF_ENDPOINT", Check = Each(text => ParseUrl(text)), Default = () => "https://huggingface.co" },
        new("docker-config", "The folder of Docker's credentials") { Variable = "DOCKER_CONFIG", Default = () => "~/.docker" },
        UpdateUrl,
        new("isa", "The instruction set that computes: scalar, avx2, avx512, ...") { Variable = "HEARTH_ISA", Default = () => "the processor's best" },
    ];

    /// <summary>What the file of settings may have of the server.</summary>
    public static IReadOnlyList<ProgramSetting> OfFile { get; } = [.. All.Where(setting => setting.IsInFile)];

    /// <summary>The settings of models that the environment may have.</summary>
    public static IReadOnlyList<ProgramSetting> ForModels { get; } = [.. All.Where(setting => setting.Command == Serve && ModelSettingTable.All.Any(model => model.Name == setting.Name && setting.Name != "preload"))];

    /// <summary>The setting of a name, with or without dashes in front.</summary>
    public static ProgramSetting Find(string name) => All.First(setting => setting.Name == name.TrimStart('-'));

    /// <summary>Whether a text says yes.</summary>
    /// <exception cref="FormatException">It says neither yes nor no.</exception>
    public static bool ParseFlag(string text) => text.ToLowerInvariant() switch
    {
        "on" or "true" or "t" or "1" or "yes" => true,
        "off" or "false" or "f" or "0" or "no" => false,
        _ => throw new FormatException($"'{text}' is neither on nor off."),
    };

    /// <summary>A number of at least 1.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static int ParseCount(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value
        : throw new FormatException($"must be a whole number of at least 1, not '{text}'.");

    /// <summary>The address of a web server.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Uri ParseUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url
        : throw new FormatException($"'{text}' is not a URL; expected one such as http://127.0.0.1:8080.");

    private static string ExistingFile(string text) => File.Exists(text) ? text : throw new FormatException($"the file '{text}' is not there.");

    private static ProgramSetting Server<T>(string name, string description, Func<string, T> parse, Func<string> defaultText, params IReadOnlyList<PeerVariable> peers) => new(name, description)
    {
        Variable = VariableOf(name),
        Peers = peers,
        Command = Serve,
        IsInFile = true,
        Check = Each(parse),
        Default = defaultText,
    };

    private static ProgramSetting OfModels(ModelSetting setting) => new(setting.Name, DefaultPattern().Replace(setting.Description, string.Empty))
    {
        Variable = VariableOf(setting.Name),
        Peers = setting.Name switch
        {
            "ctx-size" => [new("OLLAMA_CONTEXT_LENGTH", Ollama, "0 for the model's", Number(0)), new("LLAMA_ARG_CTX_SIZE", LlamaServer, "0 for the model's", Number(0))],
            "threads" => [new("LLAMA_ARG_THREADS", LlamaServer, "-1 for the program's choice", Number(-1))],
            "parallel" => [new("OLLAMA_NUM_PARALLEL", Ollama, "as it is", (text, _) => [text]), new("LLAMA_ARG_N_PARALLEL", LlamaServer, "-1 for the program's choice", Number(-1))],
            "cache-type" => [new("OLLAMA_KV_CACHE_TYPE", Ollama, "f16 or q8_0; others are refused", (text, _) => [text])],
            "max-queue" => [new("OLLAMA_MAX_QUEUE", Ollama, "of each model", (text, _) => [text])],
            "chat-template" => [new("LLAMA_ARG_CHAT_TEMPLATE_FILE", LlamaServer, "as it is", (text, _) => [text])],
            "keep-alive" => [new("OLLAMA_KEEP_ALIVE", Ollama, "as it is", (text, _) => [text])],
            "reasoning-budget" => [new("LLAMA_ARG_THINK_BUDGET", LlamaServer, "as it is", (text, _) => [text])],
            _ => [],
        },
        Command = Serve,
        IsList = setting.IsList,
        Check = texts => Try(setting, texts),
        Default = () => setting.Show(new ServedModelOptions()) is { Length: > 0 } text ? text : setting.Name == "keep-alive" ? KeepAlive.Format(KeepAlive.Default) : "chosen for each model",
    };

    private static void Try(ModelSetting setting, IReadOnlyList<string> texts)
    {
        try
        {
            ModelSettings.None.With(setting.Name, texts);
        }
        catch (SettingException exception)
        {
            throw new FormatException(exception.Reason, exception);
        }
    }

    private static string VariableOf(string name) => $"HEARTH_{name.ToUpperInvariant().Replace('-', '_')}";

    private static string LlamaAddress(string host, string? port) => host.EndsWith(".sock", StringComparison.Ordinal) ? $"unix:{host}"
        : $"{(host.Contains(':') ? $"[{host.Trim('[', ']')}]" : host)}:{port?.Trim() ?? "8080"}";

    private static Func<string, Func<string, string?>, IReadOnlyList<string>> Number(int forChoice) =>
        (text, _) => text == forChoice.ToString(CultureInfo.InvariantCulture) ? [] : [text];

    private static Action<IReadOnlyList<string>> Each<T>(Func<string, T> parse) => texts =>
    {
        foreach (string text in texts)
        {
            _ = parse(text);
        }
    };

    // A setting's default is shown beside it.
    [GeneratedRegex(@" \[default: [^\]]*\]")]
    private static partial Regex DefaultPattern();
}
