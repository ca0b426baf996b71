using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Hearth.Engine.Adapters;
using Hearth.Engine.Scheduling;
using Hearth.Kernels.Attention;
using Hearth.Server;

namespace Hearth.Cli.Commands;

/// <summary>The options of every command that loads a model.</summary>
internal sealed class ModelOptions
{
    private readonly Option<int?> _context = new("--ctx-size", "-c")
    {
        Description = "Tokens of context, prompt and answer together [default: the model's own, as far as memory allows]",
        HelpName = "N",
    };

    private readonly Option<int> _threads = new("--threads", "-t") { Description = "Threads that compute, at most one per logical core [default: one per physical core]", HelpName = "N" };

    private readonly Option<LoraAdapter[]> _adapters = new("--lora")
    {
        Description = "A LoRA adapter to apply to the (first) model, with a factor of its changes [default: 1]; may be given several times",
        HelpName = "FILE[:SCALE]",
        CustomParser = result => [.. result.Tokens.Select(token => ParseAdapter(token.Value))],
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<KvElementType> _cacheType = new("--cache-type")
    {
        Description = $"How the cache keeps keys and values: f16, bf16, q8_0 or f32 [default: {Name(new LanguageModelOptions().CacheType)}]",
        HelpName = "TYPE",
        CustomParser = ParseCacheType,
        DefaultValueFactory = _ => new LanguageModelOptions().CacheType,
    };

    public ModelOptions()
    {
        _context.Validators.Add(result => Require(result, minimum: 1, maximum: int.MaxValue));
        _threads.Validators.Add(result => Require(result, minimum: 1, maximum: 1024));
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_context);
        command.Options.Add(_threads);
        command.Options.Add(_adapters);
        command.Options.Add(_cacheType);
    }

    /// <summary>Loads the model that the user named.</summary>
    public LanguageModel Load(ParseResult parsed, string model) => LanguageModel.Load(BuiltInModels.Resolve(model), Read(parsed));

    /// <summary>The options as given.</summary>
    public LanguageModelOptions Read(ParseResult parsed) => new()
    {
        ContextLength = parsed.GetValue(_context),
        Threads = Math.Min(parsed.GetValue(_threads), Environment.ProcessorCount),
        Adapters = parsed.GetValue(_adapters) ?? [],
        CacheType = parsed.GetValue(_cacheType),
    };

    private static string Name(KvElementType type) => type.ToString().ToLowerInvariant();

    private static KvElementType ParseCacheType(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        KvElementType[] types = Enum.GetValues<KvElementType>();
        int index = Array.FindIndex(types, type => Name(type).Equals(text, StringComparison.OrdinalIgnoreCase));
        if (index < 0)
        {
            result.AddError($"'--cache-type' must be one of {string.Join(", ", types.Select(Name))}, not '{text}'.");
            return default;
        }

        return types[index];
    }

    // A colon may belong to the path (C:\adapters), so only one in front of a number separates.
    private static LoraAdapter ParseAdapter(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && float.TryParse(text.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out float scale)
            ? new LoraAdapter(text[..colon], scale)
            : new LoraAdapter(text);
    }

    /// <summary>Refuses numbers outside of a range, naming it.</summary>
    public static void Require(OptionResult result, int minimum, int maximum)
    {
        foreach (Token token in result.Tokens)
        {
            if (int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && (value < minimum || value > maximum))
            {
                result.AddError($"'{result.Option.Name}' must be {(maximum == int.MaxValue ? $"at least {minimum}" : $"{minimum} to {maximum}")}, not {value}.");
            }
        }
    }
}
