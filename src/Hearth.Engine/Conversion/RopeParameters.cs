namespace Hearth.Engine.Conversion;

/// <summary>
/// The rotary entries of a <c>config.json</c>: <c>rope_parameters</c>, or the older <c>rope_scaling</c> and <c>rope_theta</c>; for all
/// layers, or for full and sliding attention apart.
/// </summary>
internal sealed class RopeParameters
{
    private readonly ConfigNode? _full;
    private readonly HuggingFaceConfig _config;

    private RopeParameters(HuggingFaceConfig config, ConfigNode? full)
    {
        _config = config;
        _full = full;
    }

    /// <summary>The scaling: <c>default</c>, <c>linear</c>, <c>yarn</c>, <c>llama3</c>, ...</summary>
    public string Type => (Find("rope_type") ?? Find("type"))?.AsText() ?? "default";

    /// <summary>The frequency base, of full attention where there are two.</summary>
    public double? Theta => Find("rope_theta")?.AsNumber() ?? _config.OptionalNumber("rope_theta");

    /// <summary>The frequency base of sliding attention, where it has its own.</summary>
    public double? SlidingTheta { get; private init; }

    /// <summary>The share of a head's elements that are rotated.</summary>
    public double PartialFactor => Find("partial_rotary_factor")?.AsNumber() ?? _config.OptionalNumber("partial_rotary_factor") ?? 1;

    /// <summary>The context before scaling, in tokens.</summary>
    public long? OriginalContext
    {
        get
        {
            long? value = Find("original_max_position_embeddings")?.AsInteger();
            return value is <= 0 or > int.MaxValue
                ? throw ConversionException.InvalidValue(_config.Path, "original_max_position_embeddings", $"cannot be {value}")
                : value ?? _config.OptionalInteger("original_max_position_embeddings");
        }
    }

    /// <summary>Reads the entries.</summary>
    public static RopeParameters Read(HuggingFaceConfig config)
    {
        ConfigNode? node = config.Find("rope_parameters") ?? config.Find("rope_scaling");
        if (node is { IsObject: false } other)
        {
            throw ConversionException.InvalidValue(config.Path, "rope_scaling", $"must be an object, not {other.Json}");
        }

        ConfigNode? full = node?.Find("full_attention"), sliding = node?.Find("sliding_attention");
        if (sliding?.Find("rope_type")?.AsText() is string type and not "default")
        {
            throw ConversionException.UnsupportedSetting(
                "rope_parameters.sliding_attention", $"is scaled ('{type}'), which a GGUF file cannot say");
        }

        return new RopeParameters(config, full ?? (sliding is null ? node : null))
        {
            SlidingTheta = sliding?.Find("rope_theta")?.AsNumber() ?? config.OptionalNumber("rope_local_base_freq"),
        };
    }

    /// <summary>An entry, or null.</summary>
    public ConfigNode? Find(string key) => _full?.Find(key);

    /// <summary>A number that must be there.</summary>
    public double Number(string key) =>
        Find(key)?.AsNumber() ?? throw ConversionException.InvalidValue(_config.Path, $"rope_scaling.{key}", "is missing");

    /// <summary>Numbers that must be there, one for each rotated pair.</summary>
    public float[] Numbers(string key, long count)
    {
        ConfigNode node = Find(key) ?? throw ConversionException.InvalidValue(_config.Path, $"rope_scaling.{key}", "is missing");
        float[] values = [.. node.Items().Select(item => (float)item.AsNumber())];
        return values.Length == count
            ? values
            : throw ConversionException.InvalidValue(
                _config.Path, $"rope_scaling.{key}", $"must have {count} numbers, not {values.Length}");
    }

    /// <summary>The error of a scaling that the architecture cannot have.</summary>
    public ConversionException Unsupported(string architecture) => ConversionException.UnsupportedSetting(
        "rope_scaling", $"is of the type '{Type}', which a GGUF file of the architecture '{architecture}' cannot say");
}
