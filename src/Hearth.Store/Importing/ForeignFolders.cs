namespace Hearth.Store.Importing;

/// <summary>Where other programs keep their models. Folders that are not there are no error.</summary>
public sealed record ForeignFolders
{
    /// <summary>Stores of Docker Model Runner.</summary>
    public IReadOnlyList<string> DockerModelRunner { get; init; } = [];

    /// <summary>Stores of Ollama.</summary>
    public IReadOnlyList<string> Ollama { get; init; } = [];

    /// <summary>Caches of llama.cpp.</summary>
    public IReadOnlyList<string> LlamaCpp { get; init; } = [];

    /// <summary>Caches of Hugging Face's programs.</summary>
    public IReadOnlyList<string> HuggingFace { get; init; } = [];

    /// <summary>
    /// The usual folders, or those that the programs' own variables name: <c>MODELS_PATH</c>, <c>OLLAMA_MODELS</c>, <c>LLAMA_CACHE</c>,
    /// <c>HF_HUB_CACHE</c> and <c>HF_HOME</c>.
    /// </summary>
    public static ForeignFolders FromEnvironment() => From(
        name => Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value ? value : null,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
        OperatingSystem.IsMacOS() ? "Library/Caches" : OperatingSystem.IsWindows() ? "AppData/Local" : ".cache");

    internal static ForeignFolders From(Func<string, string?> variable, string home, string systemCache)
    {
        string cache = variable("XDG_CACHE_HOME") ?? Path.Combine(home, ".cache");
        string hub = Path.Combine(variable("HF_HOME") ?? Path.Combine(cache, "huggingface"), "hub");
        string llamaCache = systemCache == ".cache" ? cache : Path.Combine(home, systemCache);
        return new ForeignFolders
        {
            DockerModelRunner = [variable("MODELS_PATH") ?? Path.Combine(home, ".docker", "models")],
            Ollama = [variable("OLLAMA_MODELS") ?? Path.Combine(home, ".ollama", "models"), "/usr/share/ollama/.ollama/models"],
            LlamaCpp = [variable("LLAMA_CACHE") ?? Path.Combine(llamaCache, "llama.cpp")],
            HuggingFace = [variable("HF_HUB_CACHE") ?? variable("HUGGINGFACE_HUB_CACHE") ?? hub],
        };
    }
}
