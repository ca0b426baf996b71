using Hearth.Store.Tests.Fakes;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests.Soak;

/// <summary>Models on this machine's drive, and more of them in a registry that is slow enough to hang up on.</summary>
internal sealed class SoakModels : IAsyncDisposable
{
    private const int BytesPerSecond = 512 * 1024;
    private readonly DockerRegistry _registry;
    private readonly Relay _relay;

    private SoakModels(DockerRegistry registry, string caller, string embedder)
    {
        _registry = registry;
        _relay = new Relay(registry.Port, BytesPerSecond);
        (Caller, Embedder) = (caller, embedder);
    }

    /// <summary>The file of a model that calls tools.</summary>
    public string Caller { get; }

    /// <summary>The file of a model that embeds.</summary>
    public string Embedder { get; }

    /// <summary>Small models of the registry.</summary>
    public string[] Small => [.. Enumerable.Range(0, SmallModels).Select(index => Slow($"soak/small:v{index}"))];

    /// <summary>A model of the registry that takes seconds to come.</summary>
    public string Large => Slow("soak/large:v1");

    private static int SmallModels => 3;

    public static async Task<SoakModels> CreateAsync(TemporaryFiles files)
    {
        string home = Directory.CreateDirectory(files.Combine("packager")).FullName;
        SoakModels models = new(await DockerRegistry.StartAsync(), CallerModel.Write(files.Combine("caller.gguf")), TinyBert.WriteEmbedder(files.Combine("embedder.gguf")));
        for (int index = 0; index < SmallModels; index++)
        {
            string path = files.Combine($"small{index}.gguf");
            ScriptedModel.Write(path, $"Number {index} says this.", "{% for message in messages %}{{ message.content }}{% endfor %}", "<|begin|>");
            await models.PushAsync(home, path, $"soak/small:v{index}");
        }

        await models.PushAsync(home, Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf"), "soak/large:v1");
        return models;
    }

    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        _registry.Dispose();
    }

    private string Slow(string repository) => $"localhost:{_relay.Port}/{repository}";

    private async Task PushAsync(string home, string path, string repository)
    {
        (int code, _, string error) = await HearthProcess.RunAsync(["package", "--gguf", path, "--push", $"{_registry.Host}/{repository}"], home: home);
        Assert.True(code == 0, error);
    }
}
