using Hearth.Store.Manifests;
using Hearth.Store.Modelfiles;
using Hearth.Store.Storage;

namespace Hearth.Store.Packaging;

/// <summary>Finds what a Modelfile speaks of.</summary>
/// <param name="folder">Where its relative paths begin.</param>
/// <param name="find">Finds a stored model by its name.</param>
internal sealed class ModelfileResolver(string folder, Func<string, StoredModel> find)
{
    /// <param name="file">The Modelfile.</param>
    /// <param name="progress">Is told what is not used.</param>
    /// <exception cref="PackageException">A file is missing, or it asks for something that is not supported.</exception>
    /// <exception cref="ModelNotFoundException">The base is not here.</exception>
    public CreationRequest Resolve(Modelfile file, IProgress<string>? progress)
    {
        if (file.Draft is not null)
        {
            throw new PackageException($"DRAFT is not supported: a model keeps no other one ('{file.Draft}') that drafts for it.");
        }

        StoredModel? model = null;
        List<CreationFile> files = [];
        foreach (string from in file.From)
        {
            if (FindFiles(from, "FROM") is { } found)
            {
                files.AddRange(found);
            }
            else
            {
                model = model is null ? find(from) : throw new PackageException($"FROM names two models, '{model.DisplayName}' and '{from}'; a model is made from one.");
            }
        }

        return new CreationRequest
        {
            Base = model,
            Files = files,
            Adapters = [.. file.Adapters.SelectMany(adapter => FindFiles(adapter, "ADAPTER") ?? throw new PackageException($"ADAPTER names '{adapter}', and there is no such file."))],
            Template = file.Template?.Text,
            System = file.System,
            Parameters = OllamaParameters.Read(file.Parameters, progress),
            Messages = file.Messages,
            Licenses = file.Licenses,
            Renderer = file.Renderer,
            Parser = file.Parser,
            Requires = file.Requires,
        };
    }

    // What is there is a file, as for Ollama; null for what can only be a model's name.
    private CreationFile[]? FindFiles(string value, string instruction)
    {
        string path = Path.GetFullPath(Path.Combine(folder, value is "~" || value.StartsWith("~/", StringComparison.Ordinal)
            ? $"{Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)}{value[1..]}"
            : value));
        return File.Exists(path) ? [CreationFile.FromPath(path)]
            : Directory.Exists(path) ? FindInFolder(path, instruction)
            : LooksLikePath(value) ? throw new PackageException($"{instruction} names '{value}', and there is no file or folder '{path}'.")
            : null;
    }

    private static CreationFile[] FindInFolder(string path, string instruction)
    {
        string[] names = [.. Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        CreationFile[] found =
        [
            .. names.Where(name => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && ShardOrder.Parse(name) is null or { Part: 1 })
                .Select(name => CreationFile.FromPath(Path.Combine(path, name))),
        ];
        return found.Length > 0 ? found
            : names.Any(name => name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            ? throw new PackageException($"{instruction} names the folder '{path}', whose weights are safetensors; 'hearth convert' makes a GGUF file of them.")
            : throw new PackageException($"{instruction} names the folder '{path}', and there is no GGUF file in it.");
    }

    private static bool LooksLikePath(string value) =>
        value is ['.' or '/' or '~', ..] || value.Contains('\\') || value.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
}
