using System.Globalization;
using Hearth.Engine.Models;
using Hearth.Server.Hosting;

namespace Hearth.Server.Settings;

/// <summary>Where a value comes from; later ones take precedence, and what a request says takes precedence over all.</summary>
public enum SettingOrigin
{
    /// <summary>Nobody set it.</summary>
    Default,

    /// <summary>The model's file, or its package.</summary>
    Model,

    /// <summary>The file of settings.</summary>
    Settings,

    /// <summary>The command line.</summary>
    CommandLine,
}

/// <summary>A setting that is in force.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">The value, or empty for none.</param>
/// <param name="Origin">Where it comes from.</param>
public sealed record EffectiveSetting(string Name, string Value, SettingOrigin Origin)
{
    /// <summary>All settings of a model.</summary>
    /// <param name="header">The model.</param>
    /// <param name="options">What the settings make.</param>
    /// <param name="commandLine">What the command line says.</param>
    /// <param name="persisted">What the file of settings says.</param>
    /// <param name="packaged">What the model is packaged with; null for nothing.</param>
    public static IReadOnlyList<EffectiveSetting> Describe(
        ModelHeader header, ServedModelOptions options, ModelSettings commandLine, ModelSettings persisted, ServedModelOptions? packaged = null)
    {
        ArgumentNullException.ThrowIfNull(header);
        ServedModelOptions defaults = new();
        return [.. ModelSettingTable.All.Select(Describe)];

        EffectiveSetting Describe(ModelSetting setting)
        {
            string value = setting.Show(options);
            if (commandLine.Values.ContainsKey(setting.Name))
            {
                return new EffectiveSetting(setting.Name, value, SettingOrigin.CommandLine);
            }

            if (persisted.Values.ContainsKey(setting.Name))
            {
                return new EffectiveSetting(setting.Name, value, SettingOrigin.Settings);
            }

            if (packaged is not null && setting.Show(packaged) is string own && own.Length > 0 && own != setting.Show(defaults))
            {
                return new EffectiveSetting(setting.Name, own, SettingOrigin.Model);
            }

            if (setting.Name == ModelSettingTable.ContextName)
            {
                int context = header.ContextFor(options.Load);
                bool isModels = options.Load.ContextLength is null && context == header.Config.ContextLength;
                return new EffectiveSetting(setting.Name, context.ToString(CultureInfo.InvariantCulture), isModels ? SettingOrigin.Model : SettingOrigin.Default);
            }

            return setting.Name == ModelSettingTable.ChatTemplateName && options.Load.ChatTemplate is null && header.ChatTemplate is not null
                ? new EffectiveSetting(setting.Name, "the model's", SettingOrigin.Model)
                : new EffectiveSetting(setting.Name, value, SettingOrigin.Default);
        }
    }
}
