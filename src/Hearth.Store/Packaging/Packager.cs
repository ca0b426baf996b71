using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Store.Packaging;

/// <summary>Packages files in Docker's or in the CNCF's format.</summary>
/// <param name="intake">Takes the files into the store.</param>
/// <param name="read">Reads the headers of GGUF files.</param>
/// <param name="progress">Is told of each step.</param>
internal sealed class Packager(FileIntake intake, GgufReader read, IProgress<string>? progress)
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Looks at all files before any is taken.</summary>
    /// <exception cref="PackageException">Something cannot be packaged.</exception>
    public CheckedFiles Check(PackageRequest request)
    {
        if (request.Format is not (PackageFormat.Docker or PackageFormat.Cncf))
        {
            throw new PackageException("Files are packaged in Docker's or in the CNCF's format; 'hearth create' makes models in Ollama's.");
        }

        if (request.ContextSize is <= 0 or > int.MaxValue)
        {
            throw new PackageException($"A context of {request.ContextSize} tokens cannot be packaged; it has from 1 to {int.MaxValue}.");
        }

        if (request.Format == PackageFormat.Cncf)
        {
            PackageBuilder.RequireCncfPlace(request.ContextSize, request.Adapters.Count);
        }

        GgufFacts facts = read([FileIntake.Find(request.Gguf, "the weights").FullName]);
        GgufKinds.RequireModel(facts, request.Gguf);
        FileInfo? projector = request.Projector is { } path ? FileIntake.Find(path, "the projector") : null;
        if (projector is not null)
        {
            GgufKinds.RequireProjector(read([projector.FullName]), request.Projector!);
        }

        FileInfo[] adapters = [.. request.Adapters.Select(adapter => FileIntake.Find(adapter, "an adapter"))];
        foreach (FileInfo adapter in adapters)
        {
            GgufKinds.RequireAdapter(read([adapter.FullName]), adapter.FullName);
        }

        FileInfo? template = request.ChatTemplate is { } templatePath ? FileIntake.FindText(templatePath, "the chat template") : null;
        if (template is not null && TemplateLanguages.Tell(File.ReadAllText(template.FullName)) == TemplateLanguage.Go)
        {
            throw new PackageException($"The chat template '{request.ChatTemplate}' is in Go's language, and this format takes Jinja; 'hearth create' takes it in a Modelfile.");
        }

        return new CheckedFiles(
            facts,
            [.. facts.Paths.Select(part => FileIntake.Find(part, "the weights"))],
            projector,
            adapters,
            template,
            [.. request.Licenses.Select(license => FileIntake.FindText(license, "a licence"))]);
    }

    /// <summary>Takes the files and writes the config and the manifest.</summary>
    public async Task<BuiltPackage> BuildAsync(PackageRequest request, CheckedFiles files, CancellationToken cancellationToken)
    {
        async Task<PackagedFile> AddAsync(FileInfo file, string what, bool link)
        {
            progress?.Report($"Adding {what} from '{file.FullName}'");
            (Digest digest, long length) = await intake.AddAsync(file, link, cancellationToken);
            return new PackagedFile(digest, length, NameFor(file.Name), request.Created is null ? TimeOf(file) : null);
        }

        async Task<PackagedFile[]> AddAllAsync(IReadOnlyList<FileInfo> all, string what, bool link)
        {
            PackagedFile[] added = new PackagedFile[all.Count];
            for (int index = 0; index < added.Length; index++)
            {
                added[index] = await AddAsync(all[index], what, link);
            }

            return added;
        }

        if (request.ContextSize is long context)
        {
            progress?.Report($"Setting context size {context}");
        }

        PackageContents contents = new()
        {
            Facts = files.Facts,
            Created = request.Created ?? files.All.Max(TimeOf),
            ContextSize = request.ContextSize,
            Weights = await AddAllAsync(files.Weights, "GGUF file", request.Link),
            Licenses = await AddAllAsync(files.Licenses, "licence", link: false),
            Projector = files.Projector is { } projector ? await AddAsync(projector, "projector", request.Link) : null,
            Adapters = await AddAllAsync(files.Adapters, "adapter", request.Link),
            ChatTemplate = files.Template is { } template ? await AddAsync(template, "chat template", link: false) : null,
        };
        return request.Format == PackageFormat.Docker ? PackageBuilder.BuildDocker(contents) : PackageBuilder.BuildCncf(contents);
    }

    // Drives keep times with different precision; whole seconds survive being copied.
    private static DateTimeOffset TimeOf(FileInfo file) => DateTimeOffset.FromUnixTimeSeconds(new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeSeconds());

    // Two files with one name, from different folders, must not be one file where the model is unpacked.
    private string NameFor(string name)
    {
        string safe = string.Concat(name.Select(character => char.IsControl(character) || character is '\\' or ':' ? '_' : character));
        string unique = safe;
        for (int number = 2; !_names.Add(unique); number++)
        {
            unique = $"{Path.GetFileNameWithoutExtension(safe)}-{number}{Path.GetExtension(safe)}";
        }

        return unique;
    }
}

/// <summary>Files that have been looked at, and are what they are given as.</summary>
internal sealed record CheckedFiles(
    GgufFacts Facts, IReadOnlyList<FileInfo> Weights, FileInfo? Projector, IReadOnlyList<FileInfo> Adapters, FileInfo? Template, IReadOnlyList<FileInfo> Licenses)
{
    public IEnumerable<FileInfo> All => new FileInfo?[] { Projector, Template }.OfType<FileInfo>().Concat(Weights).Concat(Adapters).Concat(Licenses);
}
