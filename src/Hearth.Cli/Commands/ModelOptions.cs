using System.CommandLine;
using System.CommandLine.Parsing;
using Hearth.Cli.Configuration;
using Hearth.Server.Settings;

namespace Hearth.Cli.Commands;

/// <summary>The settings of a model as options of a command.</summary>
internal sealed class ModelOptions
{
    private static readonly string[] s_ofServersOnly = ["parallel", "cache-size", "max-queue", "prefix-cache", "keep-alive", "preload"];
    private readonly List<(ModelSetting Setting, Option<string[]> Option)> _options = [];
    private readonly Option<bool>? _noSpeculation;

    private ModelOptions(IEnumerable<ModelSetting> settings, bool hasFlags)
    {
        foreach (ModelSetting setting in settings)
        {
            Option<string[]> option = new("--" + setting.Name)
            {
                Description = setting.Description,
                HelpName = setting.HelpName,
                Arity = ArgumentArity.OneOrMore,
                AllowMultipleArgumentsPerToken = false,
            };
            foreach (string alias in setting.Aliases)
            {
                option.Aliases.Add(alias);
            }

            option.Validators.Add(result => Check(result, setting));
            _options.Add((setting, option));
        }

        _noSpeculation = hasFlags ? new Option<bool>("--no-speculation") { Description = "Guess no tokens ahead; the text is the same either way" } : null;
    }

    /// <summary>What a command that runs one model itself takes; sampling is separate.</summary>
    public static ModelOptions ForRunning() =>
        new(ModelSettingTable.All.Where(setting => !setting.IsOfSampling && !s_ofServersOnly.Contains(setting.Name)), hasFlags: true);

    /// <summary>What a server takes, for all of its models.</summary>
    public static ModelOptions ForServing() => new(ModelSettingTable.All.Where(setting => setting.Name != "preload"), hasFlags: true);

    /// <summary>Everything that can be set for a model.</summary>
    public static ModelOptions ForConfiguring() => new(ModelSettingTable.All, hasFlags: false);

    public void AddTo(Command command)
    {
        _options.ForEach(entry => command.Options.Add(entry.Option));
        if (_noSpeculation is not null)
        {
            command.Options.Add(_noSpeculation);
        }
    }

    /// <summary>What was given.</summary>
    public ModelSettings Read(ParseResult parsed)
    {
        ModelSettings settings = ModelSettings.None;
        foreach ((ModelSetting setting, Option<string[]> option) in _options)
        {
            if (parsed.GetValue(option) is { Length: > 0 } values)
            {
                settings = settings.With(setting.Name, values);
            }
        }

        return _noSpeculation is not null && parsed.GetValue(_noSpeculation) ? settings.With("speculation", "off") : settings;
    }

    /// <summary>What was given, over what the environment says.</summary>
    /// <exception cref="CliUsageException">A variable is not what it must be.</exception>
    public ModelSettings Read(ParseResult parsed, CliContext context)
    {
        ProgramConfiguration configuration = new(context);
        ModelSettings environment = ModelSettings.None;
        foreach (ProgramSetting setting in ProgramSettingTable.ForModels.Where(setting => _options.Any(entry => entry.Setting.Name == setting.Name)))
        {
            if (configuration.Find(setting) is { Texts.Count: > 0 } value)
            {
                environment = environment.With(setting.Name, value.Texts);
            }
        }

        return Read(parsed).Over(environment);
    }

    /// <summary>Refuses numbers outside of a range, naming it.</summary>
    public static void Require(OptionResult result, int minimum, int maximum)
    {
        foreach (Token token in result.Tokens)
        {
            if (int.TryParse(token.Value, out int value) && (value < minimum || value > maximum))
            {
                result.AddError($"'{result.Option.Name}' must be {(maximum == int.MaxValue ? $"at least {minimum}" : $"{minimum} to {maximum}")}, not {value}.");
            }
        }
    }

    private static void Check(OptionResult result, ModelSetting setting)
    {
        string name = result.Option.Name;
        if (result.Tokens.Count == 0)
        {
            return;
        }

        if (result.Tokens.Any(token => token.Value.Length == 0))
        {
            // What takes a file says so itself.
            if (!setting.HelpName.StartsWith("FILE", StringComparison.Ordinal))
            {
                result.AddError($"{name} is empty.");
            }
        }
        else if (result.Tokens.Count > 1 && !setting.IsList)
        {
            result.AddError($"'{name}' is given {result.Tokens.Count} times; give it once.");
        }
        else
        {
            try
            {
                ModelSettings.None.With(setting.Name, result.Tokens.Select(token => token.Value));
            }
            catch (SettingException exception)
            {
                result.AddError($"'{name}' {exception.Reason}");
            }
        }
    }
}
