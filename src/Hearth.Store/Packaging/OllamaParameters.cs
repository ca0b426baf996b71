using System.Globalization;
using System.Text.Json.Nodes;

namespace Hearth.Store.Packaging;

/// <summary>The parameters of Modelfiles and their types (Ollama, api/types.go).</summary>
internal static class OllamaParameters
{
    private const int MaxShown = 200;

    private const NumberStyles Real = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly Dictionary<string, Kind> s_kinds = new()
    {
        ["num_keep"] = Kind.Whole,
        ["seed"] = Kind.Whole,
        ["num_predict"] = Kind.Whole,
        ["top_k"] = Kind.Whole,
        ["top_p"] = Kind.Real,
        ["min_p"] = Kind.Real,
        ["typical_p"] = Kind.Real,
        ["repeat_last_n"] = Kind.Whole,
        ["temperature"] = Kind.Real,
        ["repeat_penalty"] = Kind.Real,
        ["presence_penalty"] = Kind.Real,
        ["frequency_penalty"] = Kind.Real,
        ["stop"] = Kind.Texts,
        ["num_ctx"] = Kind.Whole,
        ["num_batch"] = Kind.Whole,
        ["num_gpu"] = Kind.Whole,
        ["main_gpu"] = Kind.Whole,
        ["use_mmap"] = Kind.Truth,
        ["num_thread"] = Kind.Whole,
        ["draft_num_predict"] = Kind.Whole,
    };

    private static readonly HashSet<string> s_deprecated =
        ["penalize_newline", "low_vram", "f16_kv", "logits_all", "vocab_only", "use_mlock", "mirostat", "mirostat_tau", "mirostat_eta"];

    private enum Kind
    {
        Whole,
        Real,
        Truth,
        Texts,
    }

    /// <summary>The parameters of a Modelfile with the types that they have; one that stands twice is the last, and lists grow.</summary>
    /// <param name="parameters">Their names and texts.</param>
    /// <param name="progress">Is told which are deprecated and left out.</param>
    /// <exception cref="PackageException">One is not known, or has a value of another type.</exception>
    public static JsonObject Read(IEnumerable<KeyValuePair<string, string>> parameters, IProgress<string>? progress)
    {
        JsonObject read = [];
        foreach ((string name, string value) in parameters)
        {
            if (s_deprecated.Contains(name))
            {
                progress?.Report($"warning: parameter {name} is deprecated and not used");
                continue;
            }

            if (!s_kinds.TryGetValue(name, out Kind kind))
            {
                throw new PackageException($"unknown parameter '{Shown(name)}'; known are {string.Join(", ", s_kinds.Keys.Order(StringComparer.Ordinal))}");
            }

            if (kind == Kind.Texts)
            {
                JsonArray texts = read[name] as JsonArray ?? [];
                texts.Add((JsonNode?)JsonValue.Create(value));
                read[name] = texts;
            }
            else
            {
                read[name] = ReadSingle(name, kind, value);
            }
        }

        return read;
    }

    private static JsonValue ReadSingle(string name, Kind kind, string value) => kind switch
    {
        Kind.Whole => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
            ? JsonValue.Create(whole)
            : throw new PackageException($"invalid int value '{Shown(value)}' of the parameter '{name}'"),
        Kind.Real => float.TryParse(value, Real, CultureInfo.InvariantCulture, out float real) && float.IsFinite(real)
            ? JsonValue.Create(real)
            : throw new PackageException($"invalid float value '{Shown(value)}' of the parameter '{name}'"),
        _ => value switch
        {
            "1" or "t" or "T" or "true" or "TRUE" or "True" => JsonValue.Create(true),
            "0" or "f" or "F" or "false" or "FALSE" or "False" => JsonValue.Create(false),
            _ => throw new PackageException($"invalid bool value '{Shown(value)}' of the parameter '{name}'"),
        },
    };

    private static string Shown(string text) => text.Length > MaxShown ? text[..MaxShown] + "..." : text;
}
