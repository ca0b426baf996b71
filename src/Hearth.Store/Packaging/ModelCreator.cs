using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Packaging;

/// <summary>Makes models in Ollama's format, whose contents are byte for byte what Ollama makes (server/create.go).</summary>
/// <param name="blobs">Where contents are, and where new ones go.</param>
/// <param name="read">Reads the headers of GGUF files.</param>
/// <param name="progress">Is told of each step, in Ollama's words.</param>
internal sealed class ModelCreator(BlobStore blobs, GgufReader read, IProgress<string>? progress)
{
    private const string ModelLayer = MediaTypes.OllamaLayer + "model";
    private const string ProjectorLayer = MediaTypes.OllamaLayer + "projector";
    private const string AdapterLayer = MediaTypes.OllamaLayer + "adapter";
    private const string TemplateLayer = MediaTypes.OllamaLayer + "template";
    private const string PromptLayer = MediaTypes.OllamaLayer + "prompt";
    private const string SystemLayer = MediaTypes.OllamaLayer + "system";
    private const string ParametersLayer = MediaTypes.OllamaLayer + "params";
    private const string MessagesLayer = MediaTypes.OllamaLayer + "messages";
    private const string LicenseLayer = MediaTypes.OllamaLayer + "license";

    private readonly FileIntake _intake = new(blobs);
    private readonly List<Descriptor> _layers = [];

    /// <param name="request">What to make it of.</param>
    /// <param name="model">The base's manifest; null without a base.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PackageException">It cannot be made.</exception>
    /// <exception cref="ManifestException">The base is of a kind that is not run.</exception>
    public async Task<BuiltPackage> BuildAsync(CreationRequest request, Manifest? model, CancellationToken cancellationToken)
    {
        BaseModel origin = model is null ? BaseModel.None : BaseModel.Read(model, blobs);
        _layers.AddRange(origin.Layers);
        CheckWriters(request, origin);
        CheckLength(request);
        GgufFacts? facts = await AddFilesAsync(request, origin, cancellationToken);
        if (!string.IsNullOrEmpty(request.Template))
        {
            _layers.RemoveAll(layer => layer.MediaType is TemplateLayer or PromptLayer);
            Add(TemplateLayer, request.Template);
            if (TemplateLanguages.Tell(request.Template) == TemplateLanguage.Jinja)
            {
                progress?.Report("warning: the template is in Jinja, which Ollama itself does not take as a template");
            }
        }

        if (!string.IsNullOrEmpty(request.System))
        {
            _layers.RemoveAll(layer => layer.MediaType == SystemLayer);
            Add(SystemLayer, request.System);
        }

        foreach (string license in request.Licenses.Where(license => license.Length > 0))
        {
            Add(LicenseLayer, license);
        }

        JsonObject parameters = Merge(origin.Parameters, request.Parameters);
        if (parameters.Count > 0)
        {
            _layers.RemoveAll(layer => layer.MediaType == ParametersLayer);
            Add(ParametersLayer, Encode(parameters, "A parameter"));
        }

        if (request.Messages.Count > 0)
        {
            _layers.RemoveAll(layer => layer.MediaType == MessagesLayer);
            JsonArray messages = new([.. request.Messages.Select(message => (JsonNode)new JsonObject { ["role"] = message.Role, ["content"] = message.Content })]);
            Add(MessagesLayer, Encode(messages, "A message"));
        }

        byte[] config = Encode(DescribeModel(request, origin, facts ?? read(origin.Weights)), "The config");
        progress?.Report("writing manifest");
        return new BuiltPackage(Manifest.Read(GoJson.EncodeLine(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.DockerManifest,
            ["config"] = DescribeLayer(new Descriptor(MediaTypes.OllamaConfig, blobs.Add(config), config.Length)),
            ["layers"] = new JsonArray([.. _layers.Select(DescribeLayer)]),
        })), config);
    }

    private static void CheckWriters(CreationRequest request, BaseModel origin)
    {
        if (!string.IsNullOrEmpty(request.Renderer) && request.Renderer != origin.ConfigText("renderer"))
        {
            throw new PackageException($"RENDERER '{request.Renderer}' is not supported: Hearth writes prompts with the chat template; give one with TEMPLATE.");
        }

        if (!string.IsNullOrEmpty(request.Parser) && request.Parser != origin.ConfigText("parser"))
        {
            throw new PackageException($"PARSER '{request.Parser}' is not supported: Hearth finds out from the chat template how answers are read.");
        }
    }

    private static void CheckLength(CreationRequest request)
    {
        foreach ((string what, string? text) in request.Licenses.Select(license => ("LICENSE", (string?)license)).Append(("TEMPLATE", request.Template)).Append(("SYSTEM", request.System)))
        {
            if (text is not null && Encoding.UTF8.GetByteCount(text) > FileIntake.MaxTextBytes)
            {
                throw new PackageException($"The text of {what} has more than {FileIntake.MaxTextBytes} bytes.");
            }
        }
    }

    // Parts of split weights stand together; each group is told by its header. The facts are of the weights, where they are new.
    private async Task<GgufFacts?> AddFilesAsync(CreationRequest request, BaseModel origin, CancellationToken cancellationToken)
    {
        List<(GgufFacts Facts, IReadOnlyList<CreationFile> Files)> models = [], projectors = [], adapters = [];
        foreach ((IReadOnlyList<CreationFile> group, bool isAdapter) in Group(request.Files).Select(group => (group, false))
            .Concat(Group(request.Adapters).Select(group => (group, true))))
        {
            progress?.Report("parsing GGUF");
            GgufFacts facts = read([.. group.Select(PathOf)]);
            if (isAdapter)
            {
                GgufKinds.RequireAdapter(facts, group[0].Name);
                adapters.Add((facts, group));
            }
            else if (facts.IsProjector)
            {
                projectors.Add((facts, group));
            }
            else
            {
                GgufKinds.RequireModel(facts, group[0].Name);
                models.Add((facts, group));
            }
        }

        if (models.Count + (origin.Weights.Count > 0 ? 1 : 0) != 1)
        {
            throw new PackageException(models.Count == 0
                ? "neither 'from' or 'files' was specified: there is no model to make it from."
                : $"A model is made from one, and there are several: {NamesOf(models)}{(request.Base is { } also ? $", {also.DisplayName}" : string.Empty)}.");
        }

        if (projectors.Count > 1)
        {
            throw new PackageException($"A model has one projector, and there are several: {NamesOf(projectors)}.");
        }

        if (projectors.Count > 0)
        {
            _layers.RemoveAll(layer => layer.MediaType == ProjectorLayer);
        }

        foreach ((string type, GgufFacts facts, IReadOnlyList<CreationFile> files) in models.Select(model => (ModelLayer, model.Facts, model.Files))
            .Concat(projectors.Select(projector => (ProjectorLayer, projector.Facts, projector.Files))).Concat(adapters.Select(adapter => (AdapterLayer, adapter.Facts, adapter.Files))))
        {
            await AddGroupAsync(type, facts, files, cancellationToken);
        }

        return models.Count > 0 ? models[0].Facts : null;
    }

    private static string NamesOf(IEnumerable<(GgufFacts Facts, IReadOnlyList<CreationFile> Files)> groups) => string.Join(", ", groups.Select(group => group.Files[0].Name).Take(5));

    private async Task AddGroupAsync(string type, GgufFacts facts, IReadOnlyList<CreationFile> files, CancellationToken cancellationToken)
    {
        if (facts.Paths.Count > 1)
        {
            progress?.Report("warning: the weights are in several parts, which Ollama itself does not take");
        }

        // The first part of split weights finds the others; contents of the store do not lie beside each other.
        bool isOfStore = files[0].Digest is not null;
        for (int index = 0; index < (isOfStore ? files.Count : facts.Paths.Count); index++)
        {
            (Digest digest, long length) = isOfStore
                ? (files[index].Digest!.Value, new FileInfo(PathOf(files[index])).Length)
                : await _intake.AddAsync(FileIntake.Find(facts.Paths[index], "FROM"), link: false, cancellationToken);
            Add(new Descriptor(type, digest, length), "using existing layer");
        }
    }

    private static IEnumerable<IReadOnlyList<CreationFile>> Group(IEnumerable<CreationFile> files) => files
        .Select((file, index) => (File: file, Index: index, Part: ShardOrder.Parse(file.Name)))
        .GroupBy(file => file.Part is { } part ? $"{part.Base}/{part.Count}" : $"/{file.Index}")
        .Select(group => (IReadOnlyList<CreationFile>)[.. group.OrderBy(file => file.Part?.Part ?? 0).Select(file => file.File)]);

    private string PathOf(CreationFile file) => file.Path is { } path ? FileIntake.Find(path, "FROM").FullName : blobs.Locate(file.Digest!.Value);

    private void Add(string type, string text) => Add(type, Encoding.UTF8.GetBytes(text));

    private void Add(string type, byte[] content)
    {
        bool isNew = !blobs.Contains(Digest.Of(content));
        Add(new Descriptor(type, blobs.Add(content), content.Length), isNew ? "creating new layer" : "using existing layer");
    }

    private void Add(Descriptor layer, string status)
    {
        _layers.Add(layer);
        progress?.Report($"{status} {layer.Digest}");
    }

    // Go writes the members of a map by their names.
    private static JsonObject Merge(JsonObject? inherited, JsonObject? given)
    {
        Dictionary<string, JsonNode?> all = [];
        foreach ((string name, JsonNode? value) in (inherited ?? []).Concat(given ?? []))
        {
            all[name] = value?.DeepClone();
        }

        return new JsonObject(all.OrderBy(parameter => parameter.Key, StringComparer.Ordinal));
    }

    private static byte[] Encode(JsonNode value, string what)
    {
        try
        {
            return GoJson.EncodeLine(value);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw new PackageException($"{what} cannot be written: {exception.Message}", exception);
        }
    }

    // The members of types/model/config.go, in its order.
    private static JsonObject DescribeModel(CreationRequest request, BaseModel origin, GgufFacts facts)
    {
        string family = facts.Architecture ?? string.Empty;
        JsonObject config = new()
        {
            ["model_format"] = "gguf",
            ["model_family"] = family,
            ["model_families"] = new JsonArray(family),
            ["model_type"] = Units.OllamaParameters(facts.Parameters),
            ["file_type"] = facts.FileType ?? "unknown",
        };
        foreach ((string name, string? given) in (ReadOnlySpan<(string, string?)>)[("renderer", null), ("parser", null), ("requires", request.Requires)])
        {
            if ((string.IsNullOrEmpty(given) ? origin.ConfigText(name) : given) is { } text)
            {
                config[name] = text;
            }
        }

        if (origin.Config["capabilities"] is JsonArray { Count: > 0 } capabilities)
        {
            config["capabilities"] = capabilities.DeepClone();
        }

        config["architecture"] = "amd64";
        config["os"] = "linux";
        return config;
    }

    private static JsonObject DescribeLayer(Descriptor layer) => new() { ["mediaType"] = layer.MediaType, ["digest"] = layer.Digest.ToString(), ["size"] = layer.Size };

    /// <summary>What a new model takes over.</summary>
    private sealed record BaseModel(IReadOnlyList<Descriptor> Layers, IReadOnlyList<string> Weights, JsonObject? Parameters, JsonObject Config)
    {
        public static BaseModel None { get; } = new([], [], null, []);

        public string? ConfigText(string name) =>
            Config[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is { Length: > 0 } text ? text : null;

        private static JsonObject ParseConfig(byte[] config)
        {
            try
            {
                return GoJson.Parse(config);
            }
            catch (JsonException exception)
            {
                throw new ManifestException($"The base's config cannot be taken over: {exception.Message}", inner: exception);
            }
        }

        public static BaseModel Read(Manifest manifest, BlobStore blobs)
        {
            byte[] config = blobs.ReadAll(manifest.Config.Digest, ConfigReader.MaxBytes);
            ModelFacts facts = ModelInterpreter.ReadFacts(manifest, config);
            ModelContent content = ModelInterpreter.Open(manifest, facts, blobs.Locate, blobs.ReadAll);
            if (facts.Package == PackageFormat.Ollama)
            {
                return new BaseModel(manifest.Layers, content.Weights, content.Parameters, ParseConfig(config));
            }

            ILookup<LayerRole, Descriptor> layers = manifest.Layers.ToLookup(layer => LayerClassifier.Classify(layer, manifest.Config.MediaType, facts.Format));
            return new BaseModel(
                [
                    .. ShardOrder.Sort([.. layers[LayerRole.Weights]]).Select(layer => layer with { MediaType = ModelLayer }),
                    .. layers[LayerRole.Projector].Select(layer => layer with { MediaType = ProjectorLayer }),
                    .. layers[LayerRole.Adapter].Select(layer => layer with { MediaType = AdapterLayer }),
                    .. layers[LayerRole.Template].Select(layer => layer with { MediaType = TemplateLayer }),
                    .. layers[LayerRole.License].Select(layer => layer with { MediaType = LicenseLayer }),
                ],
                content.Weights,
                facts.ContextSize is long context ? new JsonObject { ["num_ctx"] = context } : null,
                []);
        }
    }
}
