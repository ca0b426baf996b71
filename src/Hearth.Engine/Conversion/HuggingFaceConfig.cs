namespace Hearth.Engine.Conversion;

/// <summary>
/// A <c>config.json</c>: values are looked up in the text model's part (<c>text_config</c>), then in the whole, then among the defaults of
/// the model's type, which published files leave out.
/// </summary>
internal sealed class HuggingFaceConfig
{
    private const long MaxBytes = 16 << 20;

    // Models of text and images whose text part is of a type of its own.
    private static readonly string[] s_compositeTypes = ["gemma3", "mistral3", "llava"];
    private readonly ConfigNode _root;
    private readonly ConfigNode? _text;

    private HuggingFaceConfig(ConfigNode root, ConfigNode? text, string modelType)
    {
        _root = root;
        _text = text;
        ModelType = modelType;
    }

    /// <summary>The text model's <c>model_type</c>.</summary>
    public string ModelType { get; }

    /// <summary>The file.</summary>
    public string Path => _root.FilePath;

    /// <summary>Values of entries that are absent.</summary>
    public IReadOnlyDictionary<string, double> Defaults { get; set; } = new Dictionary<string, double>();

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="ConversionException">There is none, or it is damaged, or it is of a quantised model.</exception>
    public static HuggingFaceConfig Load(string folder)
    {
        string path = System.IO.Path.Combine(folder, "config.json");
        if (!File.Exists(path))
        {
            throw ConversionException.MissingFile(folder, "config.json");
        }

        ConfigNode root = ConfigNode.Load(path, MaxBytes);
        string type = root.Find("model_type")?.AsText() ?? throw ConversionException.InvalidValue(path, "model_type", "is missing");
        ConfigNode? text = s_compositeTypes.Contains(type) ? root.Find("text_config") : null;
        HuggingFaceConfig config = new(root, text, text?.Find("model_type")?.AsText() ?? type);
        if (config.Find("quantization_config") is ConfigNode quantization)
        {
            string method = quantization.Find("quant_method")?.AsText() ?? "unknown";
            throw ConversionException.UnsupportedSetting(
                "quantization_config", $"says that the weights are quantised ('{method}'); convert the model that was not");
        }

        return config;
    }

    /// <summary>An entry, or null.</summary>
    public ConfigNode? Find(string key) => _text?.Find(key) ?? _root.Find(key);

    /// <summary>A whole number that must be there, or have a default.</summary>
    public long Integer(string key, long minimum = 1, long maximum = int.MaxValue) =>
        OptionalInteger(key, minimum, maximum) ?? throw Missing(key);

    /// <summary>A whole number, or null.</summary>
    public long? OptionalInteger(string key, long minimum = 1, long maximum = int.MaxValue)
    {
        long? value = Find(key)?.AsInteger() ?? (Defaults.TryGetValue(key, out double otherwise) ? (long)otherwise : null);
        return value is null || (value >= minimum && value <= maximum)
            ? value
            : throw ConversionException.InvalidValue(Path, key, $"must be from {minimum} to {maximum}, not {value}");
    }

    /// <summary>A number that must be there, or have a default.</summary>
    public double Number(string key) => OptionalNumber(key) ?? throw Missing(key);

    /// <summary>A number, or null.</summary>
    public double? OptionalNumber(string key) => Find(key)?.AsNumber() ?? (Defaults.TryGetValue(key, out double value) ? value : null);

    /// <summary>A text, or null.</summary>
    public string? Text(string key) => Find(key)?.AsText();

    /// <summary>True or false; the default of the type, or false, when it is absent.</summary>
    public bool Boolean(string key) => Find(key)?.AsBoolean() ?? Defaults.GetValueOrDefault(key) != 0;

    /// <summary>Refuses an entry that has another value than those that the architecture has.</summary>
    public void RequireText(string key, params ReadOnlySpan<string> possible)
    {
        if (Text(key) is string value && !possible.Contains(value))
        {
            throw ConversionException.UnsupportedSetting(
                key, $"is '{value}', which this architecture cannot be: {string.Join(", ", possible)}");
        }
    }

    /// <summary>Refuses an entry that is not false.</summary>
    public void RequireFalse(string key)
    {
        if (Boolean(key))
        {
            throw ConversionException.UnsupportedSetting(key, "is true, which a GGUF file of this architecture cannot say");
        }
    }

    private ConversionException Missing(string key) => ConversionException.InvalidValue(Path, key, "is missing");
}
