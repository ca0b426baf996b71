using System.Globalization;
using System.Text.Json.Nodes;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Hearth.Server.Settings;
using Hearth.Store.Manifests;

namespace Hearth.Server.Models;

/// <summary>
/// What was packaged with a model, as defaults to run it with: whatever a request, a command line or the settings say takes precedence. The names of
/// parameters are Ollama's (docs/modelfile of that project, "Valid Parameters and Values").
/// </summary>
public sealed record PackagedDefaults
{
    private const string AdapterName = "lora";
    private const string StopParameter = "stop";
    private const string LimitParameter = "num_predict";
    private const int MaxShown = 100;

    // Where weights are and how they are computed is not for a package to say; the answers are the same.
    private static readonly HashSet<string> s_ofMachine =
    [
        "num_gpu", "main_gpu", "num_batch", "num_thread", "num_keep", "use_mmap", "use_mlock", "low_vram", "f16_kv", "vocab_only", "logits_all", "numa",
        "draft_num_predict",
    ];

    private static readonly Dictionary<string, string> s_settings = new()
    {
        ["num_ctx"] = ModelSettingTable.ContextName,
        ["temperature"] = "temp",
        ["top_k"] = "top-k",
        ["top_p"] = "top-p",
        ["min_p"] = "min-p",
        ["typical_p"] = "typical",
        ["seed"] = "seed",
        ["repeat_last_n"] = "repeat-last-n",
        ["repeat_penalty"] = "repeat-penalty",
        ["presence_penalty"] = "presence-penalty",
        ["frequency_penalty"] = "frequency-penalty",
        ["mirostat"] = "mirostat",
        ["mirostat_tau"] = "mirostat-ent",
        ["mirostat_eta"] = "mirostat-lr",
    };

    /// <summary>Nothing.</summary>
    public static readonly PackagedDefaults None = new();

    /// <summary>What can be set by name: context, sampling, adapters.</summary>
    public ModelSettings Settings { get; private init; } = ModelSettings.None;

    /// <summary>The chat template to use instead of the weights' own; null for none.</summary>
    public PackagedTemplate? Template { get; private init; }

    /// <summary>Instructions for conversations that bring none.</summary>
    public string? System { get; private init; }

    /// <summary>Messages that conversations begin with.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; private init; } = [];

    /// <summary>Tokens to make at most; null for as many as the context holds.</summary>
    public int? MaxTokens { get; private init; }

    /// <summary>Texts that end an answer.</summary>
    public IReadOnlyList<string> Stop { get; private init; } = [];

    /// <summary>Parameters that Hearth does not know.</summary>
    public IReadOnlyList<string> Unknown { get; private init; } = [];

    /// <summary>Reads what was packaged with a model.</summary>
    /// <exception cref="ManifestException">A parameter has a value that makes no sense.</exception>
    public static PackagedDefaults Read(ModelContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        PackagedDefaults defaults = new()
        {
            Template = content.Template,
            System = string.IsNullOrEmpty(content.System) ? null : content.System,
            Messages = [.. content.Messages.Select(message => new ChatMessage(message.Role, message.Content))],
        };
        if (content.Facts.ContextSize is long size)
        {
            defaults = defaults.With("context size", ModelSettingTable.ContextName, size is > 0 and <= int.MaxValue ? Text(size) : throw Broken("context size", Text(size), "a whole number above 0"));
        }

        if (content.Adapters.Count > 0)
        {
            defaults = defaults with { Settings = defaults.Settings.WithUnchecked(AdapterName, content.Adapters.Select(path => $"{path}:1")) };
        }

        foreach ((string name, JsonNode? value) in content.Parameters ?? [])
        {
            defaults = defaults.With(name, value);
        }

        return defaults;
    }

    /// <summary>How the model is loaded and sampled.</summary>
    /// <param name="given">What a command line and the settings say.</param>
    /// <param name="basis">What counts where nobody says anything; null for the defaults.</param>
    public ServedModelOptions ToOptions(ModelSettings given, ServedModelOptions? basis = null)
    {
        ArgumentNullException.ThrowIfNull(given);
        ServedModelOptions options = given.Over(Settings).ToOptions(basis);
        return Template is { Language: TemplateLanguage.Jinja } template && !given.Values.ContainsKey(ModelSettingTable.ChatTemplateName)
            ? options with { Load = options.Load with { ChatTemplate = template.Text } }
            : options;
    }

    private PackagedDefaults With(string name, JsonNode? value)
    {
        if (value is null || s_ofMachine.Contains(name))
        {
            return this;
        }

        if (name == StopParameter)
        {
            return this with { Stop = [.. (value is JsonArray list ? list : [value.DeepClone()]).Select(item => TextOf(name, item)).Where(text => text.Length > 0)] };
        }

        if (name == LimitParameter)
        {
            // Below 0 is no limit there, in two ways.
            int limit = (int)Math.Clamp(NumberOf(name, value), -1, int.MaxValue);
            return this with { MaxTokens = limit > 0 ? limit : null };
        }

        return !s_settings.TryGetValue(name, out string? setting) ? this with { Unknown = [.. Unknown, name] }
            : name == "num_ctx" && NumberOf(name, value) <= 0 ? this
            : With(name, setting, Normalize(name, value));
    }

    private PackagedDefaults With(string name, string setting, string text)
    {
        try
        {
            return this with { Settings = Settings.With(setting, text) };
        }
        catch (SettingException exception)
        {
            throw new ManifestException($"The model's package says {name} {text}, which {exception.Reason}", inner: exception);
        }
    }

    // What Ollama takes without a word: numbers as texts, fractions above 1 for "off", whole numbers with a point.
    private static string Normalize(string name, JsonNode value)
    {
        double number = NumberOf(name, value);
        return name switch
        {
            "temperature" => Text(Math.Max(number, 0)),
            "top_p" or "min_p" or "typical_p" => Text(Math.Clamp(number, 0, 1)),
            "seed" => number < 0 ? "-1" : Text((uint)Math.Min(number, uint.MaxValue)),
            "top_k" or "repeat_last_n" => Text((int)Math.Clamp(number, -1, int.MaxValue)),
            "num_ctx" or "mirostat" => Text((int)Math.Clamp(number, int.MinValue, int.MaxValue)),
            _ => Text(number),
        };
    }

    private static double NumberOf(string name, JsonNode value) =>
        double.TryParse(TextOf(name, value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw Broken(name, value.ToJsonString(), "a number");

    private static string TextOf(string name, JsonNode? value) => value is JsonValue scalar
        ? scalar.TryGetValue(out string? text) ? text : scalar.ToJsonString()
        : throw Broken(name, value?.ToJsonString() ?? "null", "a number or a text");

    private static ManifestException Broken(string name, string found, string expected) =>
        new($"The model's package says {name} {(found.Length > MaxShown ? found[..MaxShown] + "..." : found)}; expected {expected}.");

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
