using Hearth.Engine.Embedding;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Conversion;

/// <summary>
/// The <c>modules.json</c> of a model that embeds texts (sentence-transformers): how the tokens' vectors become one. A model without the
/// file gets no entry.
/// </summary>
internal static class SentenceModules
{
    private const long MaxBytes = 1 << 20;

    /// <summary>Writes the pooling, if the folder says one.</summary>
    /// <exception cref="ConversionException">The folder asks for something that a GGUF file cannot say.</exception>
    public static void Write(string folder, string architecture, GgufWriter writer)
    {
        string path = Path.Combine(folder, "modules.json");
        if (!File.Exists(path))
        {
            return;
        }

        foreach (ConfigNode module in ConfigNode.LoadArray(path, MaxBytes).Items())
        {
            string type = module.Find("type")?.AsText() ?? throw ConversionException.InvalidValue(path, "type", "is missing");
            switch (type[(type.LastIndexOf('.') + 1)..])
            {
                case "Transformer" or "Normalize":
                    break;
                case "Pooling":
                    writer.Set($"{architecture}.pooling_type", (uint)ReadPooling(folder, path, module));
                    break;
                default:
                    throw ConversionException.InvalidValue(path, "type", $"is '{type}', which a GGUF file of this architecture cannot say");
            }
        }
    }

    private static PoolingKind ReadPooling(string folder, string path, ConfigNode module)
    {
        string place = module.Find("path")?.AsText() ?? string.Empty;
        if (place.Length == 0 || place != Path.GetFileName(place) || place is "." or ".." || place.Contains('\\', StringComparison.Ordinal))
        {
            throw ConversionException.InvalidValue(path, "path", $"must be the name of a folder, not '{place}'");
        }

        string file = Path.Combine(folder, place, "config.json");
        if (!File.Exists(file))
        {
            throw ConversionException.MissingFile(folder, $"{place}/config.json");
        }

        ConfigNode pooling = ConfigNode.Load(file, MaxBytes);
        bool Has(string key) => pooling.Find(key)?.AsBoolean() ?? false;
        string mode = pooling.Find("pooling_mode") is { IsText: true } named ? named.AsText()
            : Has("pooling_mode_mean_tokens") ? "mean"
            : Has("pooling_mode_cls_token") ? "cls"
            : Has("pooling_mode_lasttoken") ? "lasttoken"
            : "another";
        return mode switch
        {
            "mean" => PoolingKind.Mean,
            "cls" => PoolingKind.Cls,
            "lasttoken" => PoolingKind.Last,
            _ => throw ConversionException.InvalidValue(
                file, "pooling_mode", $"is '{mode}'; a GGUF file can say mean, cls and lasttoken"),
        };
    }
}
