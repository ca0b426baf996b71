using System.Globalization;
using Hearth.Engine.Adapters;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Templates;
using Hearth.Kernels.Attention;
using Hearth.Kernels.Threading;
using Hearth.Server.Hosting;

namespace Hearth.Server.Settings;

/// <summary>Everything that can be set for a model.</summary>
public static class ModelSettingTable
{
    internal const string ContextName = "ctx-size";
    internal const string ChatTemplateName = "chat-template";
    internal const string ReasoningBudgetName = "reasoning-budget";
    private static readonly LanguageModelOptions s_defaults = new();
    private static readonly Dictionary<string, ModelSetting> s_byName = [];

    /// <summary>The settings, in the order in which they are shown.</summary>
    public static IReadOnlyList<ModelSetting> All { get; } =
    [
        Integer(ContextName, "Tokens of context, prompt and answer together [default: the model's own, as far as memory allows]", 1, int.MaxValue,
            (options, value) => options with { ContextLength = value }, options => options.ContextLength) with { Aliases = ["-c"] },
        Integer("threads", "Threads that compute, at most one per logical core [default: one per physical core, fewer for models of a few MB]", 1, ComputePool.MaximumThreads,
            (options, value) => options with { Threads = Math.Min(value, Environment.ProcessorCount) }, options => options.Threads == 0 ? null : options.Threads) with { Aliases = ["-t"] },
        Integer("parallel", $"Requests that run at once; further ones wait [default: {s_defaults.Parallel}]", 1, LanguageModelOptions.MaxParallel,
            (options, value) => options with { Parallel = value }, options => options.Parallel) with { Aliases = ["-np"] },
        Loading("cache-type", "TYPE", $"How the cache keeps keys and values: f16, bf16, q8_0 or f32 [default: {Name(s_defaults.CacheType)}]",
            (options, text) => options with { CacheType = ParseCacheType(text) }, options => Name(options.CacheType)),
        Loading("cache-size", "BYTES", "Memory for keys and values of all requests, such as 2G [default: four whole contexts, up to a quarter of the memory]",
            (options, text) => options with { CacheBytes = ByteSize.Parse(text) }, options => options.CacheBytes is long bytes ? Text(bytes) : string.Empty),
        Integer("max-queue", $"Requests that may wait for a model; more are refused [default: {s_defaults.MaxWaiting}]", 0, 1 << 20,
            (options, value) => options with { MaxWaiting = value }, options => options.MaxWaiting),
        Loading("prefix-cache", "DIR", "A folder that keeps the beginnings of prompts when the model is unloaded",
            (options, text) => options with { PrefixFolder = text }, options => options.PrefixFolder ?? string.Empty) with { Normalize = FullPath },
        Loading("lora", "FILE[:SCALE]", "A LoRA adapter to apply to the (first) model, with a factor of its changes [default: 1]; may be given several times",
            (options, texts) => options with { Adapters = [.. texts.Select(ParseAdapter)] }, options => string.Join(", ", options.Adapters.Select(Show)))
            with { IsList = true, IsOfOneModel = true, Normalize = text => Show(ParseAdapter(text) with { Path = FullPath(ParseAdapter(text).Path) }) },
        Loading(ChatTemplateName, "FILE", $"A file with the chat template to use instead of the model's: Jinja, or Ollama's language when its name ends with {ChatTemplateSource.GoExtension}",
            (options, text) => options with { ChatTemplate = ReadTemplate(text) }, options => options.ChatTemplate is null ? string.Empty : "a file's") with { Normalize = FullPath },
        Loading("draft", "FILE", "A smaller model with the same vocabulary that guesses tokens ahead for the (first) model",
            (options, text) => options with { Speculation = options.Speculation with { DraftPath = text } }, options => options.Speculation.DraftPath ?? string.Empty)
            with { IsOfOneModel = true, Normalize = FullPath, Aliases = ["-md", "--model-draft"] },
        Integer("draft-max", $"Tokens guessed ahead at most [default: {s_defaults.Speculation.MaxTokens}]", 1, 64,
            (options, value) => options with { Speculation = options.Speculation with { MaxTokens = value } }, options => options.Speculation.MaxTokens),
        Loading("speculation", "on|off", "Whether tokens are guessed ahead and verified; the text is the same either way [default: on]",
            (options, text) => options with { Speculation = options.Speculation with { PromptLookup = ParseFlag(text) } },
            options => options.Speculation.PromptLookup ? "on" : "off"),
        new("keep-alive", "TIME", "How long a model stays loaded after its last request: 5m, 30s, 0 to unload at once, -1 to stay [default: 5m]")
        {
            Apply = (options, texts) => options with { KeepAlive = KeepAlive.Parse(texts[^1]) },
            Show = options => options.KeepAlive is TimeSpan time ? KeepAlive.Format(time) : string.Empty,
        },
        new("preload", "on|off", "Whether the model is loaded when the server starts instead of with its first request [default: off]")
        {
            Apply = (options, texts) => options with { Preload = ParseFlag(texts[^1]) },
            Show = options => options.Preload ? "on" : "off",
        },
        new(ReasoningBudgetName, "N", "Tokens that the model may reason for before it answers; 0 for none, -1 for any number [default: -1]")
        {
            Apply = (options, texts) => options with { ReasoningBudget = ParseInteger(texts[^1], -1, int.MaxValue) is >= 0 and int tokens ? tokens : null },
            Show = options => Text(options.ReasoningBudget ?? -1),
        },
        .. SamplingArgument.All.Select(Sampling),
    ];

    /// <summary>The setting of a name or alias, with or without dashes in front.</summary>
    /// <exception cref="SettingException">There is none.</exception>
    public static ModelSetting Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (s_byName)
        {
            if (s_byName.Count == 0)
            {
                foreach (ModelSetting setting in All)
                {
                    s_byName[setting.Name] = setting;
                    foreach (string alias in setting.Aliases)
                    {
                        s_byName[alias.TrimStart('-')] = setting;
                    }
                }
            }

            return s_byName.TryGetValue(name.TrimStart('-').Replace('_', '-'), out ModelSetting? found) ? found
                : throw new SettingException(name, $"is not a setting; there are {string.Join(", ", All.Select(setting => setting.Name))}.");
        }
    }

    private static ModelSetting Integer(
        string name, string description, int minimum, int maximum, Func<LanguageModelOptions, int, LanguageModelOptions> set, Func<LanguageModelOptions, int?> get) =>
        Loading(name, "N", description, (options, text) => set(options, ParseInteger(text, minimum, maximum)), options => get(options) is int value ? Text(value) : string.Empty);

    private static ModelSetting Loading(
        string name, string helpName, string description, Func<LanguageModelOptions, string, LanguageModelOptions> set, Func<LanguageModelOptions, string> show) =>
        Loading(name, helpName, description, (options, texts) => set(options, texts[^1]), show);

    private static ModelSetting Loading(
        string name, string helpName, string description, Func<LanguageModelOptions, IReadOnlyList<string>, LanguageModelOptions> set, Func<LanguageModelOptions, string> show) =>
        new(name, helpName, description)
        {
            IsOfLoading = true,
            Apply = (options, texts) => options with { Load = set(options.Load, texts) },
            Show = options => show(options.Load),
        };

    private static ModelSetting Sampling(SamplingArgument argument) => new(argument.Name, "VALUE", argument.Description)
    {
        IsOfSampling = true,
        Aliases = argument.Name switch
        {
            "temp" => ["--temperature"],
            "seed" => ["-s"],
            "top-nsigma" => ["--top-n-sigma"],
            "dynatemp-exp" => ["--dynatemp-exponent"],
            "typical" => ["--typical-p"],
            _ => [],
        },
        Apply = (options, texts) => options with { Sampling = Checked(argument, options.Sampling, texts[^1]) },
        Show = options => argument.Show(options.Sampling),
    };

    private static SamplingOptions Checked(SamplingArgument argument, SamplingOptions options, string text)
    {
        try
        {
            SamplingOptions changed = argument.Apply(options, text);
            changed.Validate();
            return changed;
        }
        catch (SamplingOptionException exception)
        {
            throw new FormatException($"is {exception.Value}; expected {exception.Expected}.", exception);
        }
    }

    private static int ParseInteger(string text, int minimum, int maximum)
    {
        string range = maximum == int.MaxValue ? $"at least {Text(minimum)}" : $"{Text(minimum)} to {Text(maximum)}";
        return !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? throw new FormatException($"must be a whole number up to {Text(maximum)}, not '{text}'.")
            : value >= minimum && value <= maximum ? value : throw new FormatException($"must be {range}, not {Text(value)}.");
    }

    private static KvElementType ParseCacheType(string text)
    {
        KvElementType[] types = Enum.GetValues<KvElementType>();
        int index = Array.FindIndex(types, type => Name(type).Equals(text, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? types[index] : throw new FormatException($"must be one of {string.Join(", ", types.Select(Name))}, not '{text}'.");
    }

    private static bool ParseFlag(string text) => text switch
    {
        "on" or "true" or "1" => true,
        "off" or "false" or "0" => false,
        _ => throw new FormatException($"must be on or off, not '{text}'."),
    };

    // A colon may belong to the path (C:\adapters), so only one in front of a number separates.
    private static LoraAdapter ParseAdapter(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && float.TryParse(text.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out float scale) && float.IsFinite(scale)
            ? new LoraAdapter(text[..colon], scale)
            : new LoraAdapter(text);
    }

    private static ChatTemplateSource ReadTemplate(string path)
    {
        try
        {
            ChatTemplateSource source = ChatTemplateSource.OfFile(path, File.ReadAllText(path));
            ChatTemplate.Parse(source);
            return source;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or TemplateException)
        {
            throw new FormatException($"is '{path}', which cannot be used: {exception.Message}", exception);
        }
    }

    private static string FullPath(string text) => text.Length > 0 && !text.Contains('\0')
        ? Path.GetFullPath(text)
        : throw new FormatException("must be a path, which has letters and no zeros.");

    private static string Show(LoraAdapter adapter) => adapter.Scale == 1 ? adapter.Path : $"{adapter.Path}:{adapter.Scale.ToString(CultureInfo.InvariantCulture)}";

    private static string Name(KvElementType type) => type.ToString().ToLowerInvariant();

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
