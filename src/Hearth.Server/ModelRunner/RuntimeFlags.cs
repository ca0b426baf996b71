using System.Text;
using Hearth.Server.Errors;
using Hearth.Server.Settings;

namespace Hearth.Server.ModelRunner;

/// <summary>Settings as flags of a command line: <c>--ctx-size 4096 --temp=0.5 --no-speculation</c>.</summary>
internal static class RuntimeFlags
{
    /// <summary>What flags set.</summary>
    /// <exception cref="SettingException">A flag is not known, or its value makes no sense.</exception>
    /// <exception cref="ApiException">There is a value without a flag, or a flag names a file.</exception>
    public static ModelSettings Parse(IReadOnlyList<string> words)
    {
        Dictionary<string, List<string>> values = [];
        for (int i = 0; i < words.Count; i++)
        {
            if (!words[i].StartsWith('-'))
            {
                throw ApiException.Invalid($"'runtime-flags' has '{words[i]}' where a flag is expected.", "runtime-flags", "invalid_value");
            }

            if (words[i] == "--no-speculation")
            {
                values["speculation"] = ["off"];
                continue;
            }

            int equals = words[i].IndexOf('=', StringComparison.Ordinal);
            string flag = equals < 0 ? words[i] : words[i][..equals];
            ModelSetting setting = ModelSettingTable.Find(flag);
            if (setting.NamesFile)
            {
                // A client could make the server read or write any file otherwise.
                throw ApiException.Unsupported(flag, $"'{flag}' names a file of the server's machine; set it there, with 'hearth configure' or as an option of 'hearth serve'.");
            }

            string? value = equals >= 0 ? words[i][(equals + 1)..] : i + 1 < words.Count ? words[++i] : null;
            if (value is null)
            {
                throw new SettingException(flag, "has no value.");
            }

            if (!values.TryGetValue(setting.Name, out List<string>? list))
            {
                values[setting.Name] = list = [];
            }

            list.Add(value);
        }

        return values.Aggregate(ModelSettings.None, (settings, pair) => settings.With(pair.Key, pair.Value));
    }

    /// <summary>The flags that set what is set.</summary>
    public static IReadOnlyList<string> Format(ModelSettings settings) =>
        [.. settings.Values.SelectMany(pair => pair.Value.SelectMany(value => (string[])[$"--{pair.Key}", value]))];

    /// <summary>A line's words as a shell has them: quotes hold together, a backslash takes the next character as it is.</summary>
    /// <exception cref="ApiException">A quote is not closed.</exception>
    public static IReadOnlyList<string> Split(string line)
    {
        List<string> words = [];
        StringBuilder? word = null;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char character = line[i];
            if (character == '\\' && quote != '\'' && i + 1 < line.Length)
            {
                (word ??= new StringBuilder()).Append(line[++i]);
            }
            else if (quote != '\0' ? character == quote : character is '"' or '\'')
            {
                quote = quote == '\0' ? character : '\0';
                word ??= new StringBuilder();
            }
            else if (quote == '\0' && char.IsWhiteSpace(character))
            {
                AddWord();
            }
            else
            {
                (word ??= new StringBuilder()).Append(character);
            }
        }

        AddWord();
        return quote == '\0' ? words : throw ApiException.Invalid("'raw-runtime-flags' has a quote that is not closed.", "raw-runtime-flags", "invalid_value");

        void AddWord()
        {
            if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
    }
}
