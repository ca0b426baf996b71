using System.CommandLine;
using Hearth.Cli.Models;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Hearth.Server.Settings;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth configure</c>.</summary>
internal sealed class ConfigureCommand(CliContext context)
{
    private readonly Argument<string> _model = new("model") { Description = "The path of a GGUF file, 'guide', or a stored model", HelpName = "MODEL" };
    private readonly Option<string[]> _unset = new("--unset")
    {
        Description = "A setting to take back, by its name without dashes; may be given several times",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly ModelOptions _options = ModelOptions.ForConfiguring();

    public static Command Create(CliContext context) => new ConfigureCommand(context).Build();

    private Command Build()
    {
        Command command = new("configure", "Set something for a model for good: 'run' and 'serve' use it, a running server from its next request on. Shows what is in force.") { _model, _unset };
        _options.AddTo(command);
        return command.Do(context, Configure);
    }

    private int Configure(ParseResult parsed)
    {
        ResolvedModel model = new ModelResolver(context).Resolve(parsed.GetValue(_model)!);
        ModelSettings changes = _options.Read(parsed);
        string[] unset = parsed.GetValue(_unset) ?? [];
        SettingsStore store = context.OpenSettings();
        ServedModelOptions? packaged = model.Packaged();
        ModelHeader? header = null;
        ModelSettings Change(ModelSettings before)
        {
            ModelSettings after = unset.Aggregate(changes.Over(before), (settings, name) => settings.Without(name));
            LanguageModelOptions options = after.ToOptions(packaged).Load;
            header = ModelHeader.Read(model.Weights, options.Adapters);
            header.Estimate(options);
            return after;
        }

        // What fails is told before anything is written.
        string key = model.SettingsKey;
        ModelSettings settings = changes.Values.IsEmpty && unset.Length == 0 ? Change(store.Get(key)) : store.Update(key, Change);
        Print(header!, settings, packaged);
        return ExitCode.Success;
    }

    /// <summary>Prints what is in force for a model, with where it comes from.</summary>
    public static void Print(ModelHeader header, ModelSettings settings, ServedModelOptions? packaged)
    {
        ServedModelOptions options = settings.ToOptions(packaged);
        foreach (EffectiveSetting setting in EffectiveSetting.Describe(header, options, ModelSettings.None, settings, packaged).Where(setting => setting.Value.Length > 0))
        {
            Console.WriteLine($"{setting.Name,-22}{TerminalText.Printable(setting.Value),-21} {NameOf(setting.Origin)}");
        }

        MemoryEstimate estimate = header.Estimate(options.Load);
        Console.WriteLine(
            $"{"memory",-22}{ByteSize.Format(estimate.Total),-22}weights {ByteSize.Format(estimate.Weights)}, cache {ByteSize.Format(estimate.Cache)}, "
            + $"the rest {ByteSize.Format(estimate.Total - estimate.Weights - estimate.Cache)}");
    }

    private static string NameOf(SettingOrigin origin) => origin switch
    {
        SettingOrigin.Model => "the model",
        SettingOrigin.Settings => "settings",
        SettingOrigin.CommandLine => "command line",
        _ => "default",
    };
}
