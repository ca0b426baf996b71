using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using Hearth.Cli.Configuration;
using Hearth.Server.Settings;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth config</c>.</summary>
internal static class ConfigCommand
{
    public static Command Create(CliContext context)
    {
        Option<string[]> set = new("--set")
        {
            Description = "Put a setting of the server into the file of settings; may be given several times, of a list for each value",
            HelpName = "NAME=VALUE",
            AllowMultipleArgumentsPerToken = false,
        };
        Option<string[]> unset = new("--unset")
        {
            Description = "Take a setting out of the file of settings; may be given several times",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = false,
        };
        Option<bool> json = ModelArguments.Json("Print an array in JSON instead of a table");
        Command command = new("config", "Show the settings of the program and of the server, and where each comes from: the environment, the file of settings, or nobody.") { set, unset, json };
        return command.Do(context, parsed =>
        {
            Change(context, parsed.GetValue(set) ?? [], parsed.GetValue(unset) ?? []);
            Write(context, parsed, parsed.GetValue(json));
            return ExitCode.Success;
        });
    }

    /// <summary>Prints what is in force for a command line. Secrets are not shown.</summary>
    public static void Write(CliContext context, ParseResult parsed, bool asJson)
    {
        ProgramConfiguration configuration = new(context);
        JsonArray objects = [];
        TextTable table = new("SETTING", "VALUE", "FROM") { Shrinkable = [1] };
        foreach (ProgramSetting setting in ProgramSettingTable.All)
        {
            SettingValue value = FromFlag(parsed, setting) ?? configuration.Find(setting);
            bool isSet = value.Source != SettingSource.Default;
            string text = setting.IsSecret ? (isSet ? "set" : "not set") : isSet ? string.Join(", ", value.Texts) : setting.Default();
            table.Add(setting.Name, text, isSet ? value.Origin : "default");
            objects.Add((JsonNode)new JsonObject
            {
                ["name"] = setting.Name,
                ["value"] = text,
                ["source"] = value.Source.ToString().ToLowerInvariant(),
                ["origin"] = isSet ? value.Origin : null,
            });
        }

        if (asJson)
        {
            context.Output.WriteLine(objects.ToJsonString(PsCommand.Indented));
        }
        else
        {
            table.Write(context);
        }
    }

    private static SettingValue? FromFlag(ParseResult parsed, ProgramSetting setting)
    {
        string name = $"--{setting.Name}";
        foreach (OptionResult option in parsed.CommandResult.Children.OfType<OptionResult>().Where(option => !option.Implicit))
        {
            if (option.Option.Name == name)
            {
                return new SettingValue(option.Tokens.Count == 0 ? ["on"] : [.. option.Tokens.Select(token => token.Value)], SettingSource.Flag, name);
            }

            if (option.Option.Name == $"--no-{setting.Name}")
            {
                return new SettingValue(["off"], SettingSource.Flag, option.Option.Name);
            }
        }

        return null;
    }

    // What fails is told before anything is written.
    private static void Change(CliContext context, string[] set, string[] unset)
    {
        Dictionary<ProgramSetting, List<string>> changes = [];
        foreach (string text in set)
        {
            (ProgramSetting setting, string value) = text.Split('=', 2) is [string name, { Length: > 0 } given]
                ? (OfFile(name), given)
                : throw new CliUsageException($"--set must be NAME=VALUE, not '{text}'.");
            ProgramConfiguration.Parse(new SettingValue([value], SettingSource.Flag, $"--set {name}"), texts =>
            {
                setting.Check(texts);
                return true;
            });
            changes.TryAdd(setting, []);
            changes[setting].Add(value);
        }

        if (changes.FirstOrDefault(change => change.Value.Count > 1 && !change.Key.IsList) is { Key: { } several })
        {
            throw new CliUsageException($"'{several.Name}' has one value; set it once.");
        }

        foreach (string name in unset)
        {
            changes[OfFile(name)] = [];
        }

        SettingsStore store = context.OpenSettings();
        foreach ((ProgramSetting setting, List<string> values) in changes)
        {
            store.SetServer(setting.Name, values);
        }
    }

    private static ProgramSetting OfFile(string name) => ProgramSettingTable.OfFile.FirstOrDefault(setting => setting.Name == name.TrimStart('-'))
        ?? throw new CliUsageException($"'{name}' is not a setting of the file; there are {string.Join(", ", ProgramSettingTable.OfFile.Select(setting => setting.Name))}. For models there is 'hearth configure'.");
}
