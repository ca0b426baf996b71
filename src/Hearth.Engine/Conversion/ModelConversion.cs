using System.Collections.Immutable;
using System.Globalization;
using Hearth.Engine.Conversion.Architectures;
using Hearth.Engine.Conversion.Safetensors;
using Hearth.Engine.Conversion.Vocabularies;
using Hearth.Engine.Gguf;
using Hearth.Engine.Quantization;
using Hearth.Engine.Tokenization;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;

namespace Hearth.Engine.Conversion;

/// <summary>How far a conversion is.</summary>
/// <param name="Tensor">The name of the tensor that is written.</param>
/// <param name="SourceBytes">Bytes of the folder's tensors that have been read.</param>
public readonly record struct ConversionProgress(string Tensor, long SourceBytes);

/// <summary>
/// A Hugging Face model folder on its way to a GGUF file. Everything but the weights is read, and checked, when it is opened; the weights
/// are mapped, and go through memory piece by piece when the file is written.
/// </summary>
public sealed class ModelConversion : IDisposable
{
    private const uint QuantizationVersion = 2;
    private readonly SafetensorsModel _model;
    private readonly GgufWriter _writer;
    private readonly ImmutableArray<PlannedTensor> _tensors;

    private ModelConversion(SafetensorsModel model, GgufWriter writer, ImmutableArray<PlannedTensor> tensors, TensorType type)
    {
        _model = model;
        _writer = writer;
        _tensors = tensors;
        Type = type;
        Tensors = [.. tensors.Select(tensor => tensor.Target)];
        SourceBytes = tensors.Sum(tensor => tensor.Parts.Sum(part => part.Tensor.Length));
    }

    /// <summary>The type of the matrices.</summary>
    public TensorType Type { get; }

    /// <summary>The value of <c>general.architecture</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The tensors in the order of the file.</summary>
    public IReadOnlyList<ConvertedTensor> Tensors { get; }

    /// <summary>What the user should know of the result: what was left out, and where answers differ.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Bytes of the folder's tensors that are converted.</summary>
    public long SourceBytes { get; }

    /// <summary>Bytes of the file's tensors.</summary>
    public long TargetBytes => Tensors.Sum(tensor => tensor.ByteLength);

    /// <summary>The types of models that can be converted: the values of <c>model_type</c> in <c>config.json</c>.</summary>
    public static IEnumerable<string> ModelTypes => ArchitectureMappings.ModelTypes;

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">It has config.json, .safetensors files, and tokenizer.json or tokenizer.model.</param>
    /// <param name="options">What to write.</param>
    /// <exception cref="ConversionException">A file is missing or damaged, or the model is of a kind that cannot be converted.</exception>
    /// <exception cref="SafetensorsException">A .safetensors file is damaged.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ModelConversion Open(string folder, ConversionOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(options);
        if (!Directory.Exists(folder))
        {
            throw ConversionException.FolderNotFound(folder);
        }

        HuggingFaceConfig config = HuggingFaceConfig.Load(folder);
        ArchitectureMapping mapping = ArchitectureMappings.Get(config.ModelType);
        config.Defaults = mapping.Defaults;
        SafetensorsModel model = SafetensorsModel.Open(folder);
        try
        {
            List<string> notes = [];
            GgufWriter writer = new();
            writer.Set("general.architecture", mapping.Architecture).Set("general.type", "model")
                .Set("general.name", options.Name ?? NameOf(folder, config));
            MappingContext context = new(mapping.Architecture, config, writer, notes);
            mapping.Describe(context);
            SentenceModules.Write(folder, mapping.Architecture, writer);
            TensorType? type = options.Type;
            ImmutableArray<PlannedTensor> tensors = TensorPlan.Create(model, mapping, context, ref type);
            int rows = VocabularySize(config, tensors);
            writer.Set($"{mapping.Architecture}.vocab_size", (uint)rows);
            TokenizerFolder tokenizer = TokenizerFolder.Open(folder, config, rows, notes);
            WriteSampling(tokenizer.GenerationConfig, writer);
            VocabularyConverter.Write(tokenizer, mapping.SpacePrefix, options.PreTokenizer, writer);
            writer.Set("general.size_label", SizeLabel(tensors))
                .Set("general.file_type", GgufFileTypes.IdOf(TensorTypes.Get(type!.Value).Name)!.Value)
                .Set("general.quantization_version", QuantizationVersion);
            return new ModelConversion(model, writer, tensors, type.Value) { Architecture = mapping.Architecture, Notes = notes };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Checks that a path can receive the file.</summary>
    /// <exception cref="ConversionException">There is a file that may not be replaced.</exception>
    /// <exception cref="IOException">It is a folder.</exception>
    public static void CheckTarget(string path, bool overwrite)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder; give the path of a .gguf file to write.");
        }

        if (File.Exists(path) && !overwrite)
        {
            throw ConversionException.FileExists(path);
        }
    }

    /// <summary>Writes the file; it appears under its name when it is whole and on the disk. Only once for a conversion.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="progress">Called on the caller's thread for each piece of a tensor.</param>
    /// <param name="cancellationToken">Seen within a piece of a tensor; nothing is left behind.</param>
    /// <exception cref="ConversionException">See <see cref="CheckTarget"/>; or a value cannot be held by its new type.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Save(
        string path,
        bool overwrite,
        ComputePool pool,
        Action<ConversionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        CheckTarget(path, overwrite);
        TemporaryFiles.RemoveAbandoned(path);
        long read = 0;
        string name = string.Empty;
        TensorStreamer streamer = new(
            pool,
            bytes =>
            {
                progress?.Invoke(new ConversionProgress(name, read));
                read += bytes;
            },
            cancellationToken);
        foreach (PlannedTensor tensor in _tensors)
        {
            _writer.Add(tensor.Target.Name, tensor.Target.Type, tensor.Target.Dimensions.AsSpan(), stream =>
            {
                name = tensor.Target.Name;
                streamer.Write(tensor, stream);
            });
        }

        _writer.Save(path, overwrite);
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    // A download's cache has the name two folders above: models--OWNER--NAME/snapshots/REVISION.
    private static string NameOf(string folder, HuggingFaceConfig config)
    {
        if (config.Text("_name_or_path") is string path && path.Count(letter => letter == '/') == 1
            && path[0] is not ('.' or '/') && path[^1] != '/')
        {
            return path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..];
        }

        DirectoryInfo directory = new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return directory.Parent is { Name: "snapshots", Parent: { } cache } && cache.Name.StartsWith("models--", StringComparison.Ordinal)
            ? cache.Name.Split("--")[^1]
            : directory.Name;
    }

    private static int VocabularySize(HuggingFaceConfig config, ImmutableArray<PlannedTensor> tensors)
    {
        ConvertedTensor embedding = tensors.First(tensor => tensor.Target.Name == "token_embd.weight").Target;
        long rows = embedding.Dimensions[^1];
        if (embedding.Dimensions.Length != 2 || rows > VocabularyReader.MaxTokens
            || config.OptionalInteger("vocab_size") is long size && size != rows)
        {
            throw ConversionException.TensorShape(
                "model.embed_tokens.weight",
                $"a matrix of vocab_size rows, at most {VocabularyReader.MaxTokens}",
                $"[{string.Join(", ", embedding.Dimensions.Reverse())}], with a vocab_size of {config.Find("vocab_size")?.Json ?? "none"}");
        }

        return (int)rows;
    }

    private static void WriteSampling(ConfigNode? generation, GgufWriter writer)
    {
        if (generation is not ConfigNode settings)
        {
            return;
        }

        if (settings.Find("top_k")?.AsInteger() is long topK and > 0 and <= int.MaxValue)
        {
            writer.Set("general.sampling.top_k", (int)topK);
        }

        foreach ((string from, string to) in
            (ReadOnlySpan<(string, string)>)[("top_p", "top_p"), ("min_p", "min_p"), ("temperature", "temp")])
        {
            if (settings.Find(from)?.AsNumber() is double value)
            {
                writer.Set($"general.sampling.{to}", (float)value);
            }
        }
    }

    /// <summary>The parameters with two digits at least: 135M, 1.5B, 8x7B.</summary>
    private static string SizeLabel(ImmutableArray<PlannedTensor> tensors)
    {
        double shared = 0, expert = 0;
        long experts = 0;
        foreach (PlannedTensor tensor in tensors)
        {
            if (tensor.Parts.Length > 1)
            {
                experts = tensor.Parts.Length;
                expert += tensor.Target.Elements / (double)experts;
            }
            else
            {
                shared += tensor.Target.Elements;
            }
        }

        return experts > 0 ? $"{experts}x{Short(shared + expert)}" : Short(shared);
    }

    private static string Short(double count)
    {
        (double scaled, string unit) = count switch
        {
            >= 1e12 => (count / 1e12, "T"),
            >= 1e9 => (count / 1e9, "B"),
            >= 1e6 => (count / 1e6, "M"),
            _ => (count / 1e3, "K"),
        };
        return scaled.ToString(scaled < 9.95 ? "0.0" : "0", CultureInfo.InvariantCulture) + unit;
    }
}
