using System.CommandLine;
using Hearth.Server.Settings;

namespace Hearth.Cli.Configuration;

/// <summary>
/// The settings of the program where they are set: options of the command line take precedence over the environment, this over the file of settings,
/// and this over the defaults. In the environment, Hearth's own variable comes before those of other programs.
/// </summary>
/// <param name="context">Has the environment and the file.</param>
internal sealed class ProgramConfiguration(CliContext context)
{
    private IReadOnlyDictionary<string, IReadOnlyList<string>>? _file;
    private string _filePath = string.Empty;

    /// <summary>The value of an option, else what is set elsewhere for the setting of its name.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="option">The option.</param>
    /// <param name="parse">Reads the texts of a variable or of the file; a <see cref="FormatException"/> says what is wrong.</param>
    /// <exception cref="CliUsageException">A text is not what it must be; the message names where it is from.</exception>
    /// <exception cref="SettingsFileException">The file cannot be used.</exception>
    public T? Get<T>(ParseResult parsed, Option<T> option, Func<IReadOnlyList<string>, T> parse)
    {
        if (parsed.GetResult(option) is { Implicit: false })
        {
            return parsed.GetValue(option);
        }

        SettingValue value = Find(ProgramSettingTable.Find(option.Name));
        return value.Texts.Count == 0 ? parsed.GetValue(option) : Parse(value, parse);
    }

    /// <summary>What the environment, the file or the default says.</summary>
    /// <exception cref="CliUsageException">A value is not what it must be; the message names where it is from.</exception>
    /// <exception cref="SettingsFileException">The file cannot be used.</exception>
    public SettingValue Find(ProgramSetting setting) => Checked(setting,
        FromEnvironment(setting) ?? FromFile(setting) ?? setting.Fallback?.Invoke(this) ?? SettingValue.None);

    /// <summary>The value that texts mean.</summary>
    /// <exception cref="CliUsageException">They mean none; the message names where they are from.</exception>
    public static T Parse<T>(SettingValue value, Func<IReadOnlyList<string>, T> parse)
    {
        try
        {
            return parse(value.Texts);
        }
        catch (FormatException exception)
        {
            throw new CliUsageException($"{value.Origin}: {exception.Message}");
        }
    }

    private static SettingValue Checked(ProgramSetting setting, SettingValue value)
    {
        if (value.Texts.Count > 0)
        {
            Parse(value, texts =>
            {
                setting.Check(texts);
                return true;
            });
        }

        return value;
    }

    private SettingValue? FromEnvironment(ProgramSetting setting)
    {
        if (setting.Variable is string own && context.Variable(own) is string text)
        {
            string[] texts = setting.IsList ? Split(text) : [text.Trim()];
            return texts.Length == 0 ? null : new SettingValue(texts, SettingSource.Environment, own);
        }

        foreach (PeerVariable peer in setting.Peers)
        {
            if (context.Variable(peer.Name)?.Trim(' ', '\t', '"', '\'') is { Length: > 0 } value
                && Parse(new SettingValue([value], SettingSource.Environment, peer.Name), texts => peer.Convert(texts[0], context.Variable)) is { Count: > 0 } converted)
            {
                return new SettingValue(converted, SettingSource.Environment, peer.Name);
            }
        }

        return null;
    }

    private SettingValue? FromFile(ProgramSetting setting)
    {
        if (_file is null)
        {
            SettingsStore store = context.OpenSettings();
            _filePath = store.Path;
            _file = store.GetServer();
            if (_file.Keys.FirstOrDefault(name => !ProgramSettingTable.OfFile.Any(known => known.Name == name)) is string unknown)
            {
                throw new SettingsFileException(_filePath, $"says '{unknown}' of the server, which is no setting; there are {string.Join(", ", ProgramSettingTable.OfFile.Select(known => known.Name))}");
            }
        }

        return setting.IsInFile && _file.GetValueOrDefault(setting.Name) is { Count: > 0 } texts ? new SettingValue(texts, SettingSource.File, $"{_filePath}, '{setting.Name}'") : null;
    }

    /// <summary>The parts of a text that is separated by commas.</summary>
    public static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
