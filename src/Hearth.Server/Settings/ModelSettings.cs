using System.Collections.Immutable;
using Hearth.Server.Hosting;

namespace Hearth.Server.Settings;

/// <summary>What has been set for a model, each by its name: texts as they are written on a command line.</summary>
public sealed record ModelSettings
{
    /// <summary>Nothing.</summary>
    public static readonly ModelSettings None = new();

    private ModelSettings()
    {
    }

    /// <summary>The values, one unless the setting is a list.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Values { get; private init; } =
        ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal);

    /// <summary>The same with a setting changed.</summary>
    /// <param name="name">The setting, or an alias of it.</param>
    /// <param name="values">Its values.</param>
    /// <exception cref="SettingException">There is no such setting, or the value makes no sense.</exception>
    public ModelSettings With(string name, params IEnumerable<string> values)
    {
        ModelSetting setting = ModelSettingTable.Find(name);
        ImmutableArray<string> normal = Checked(name, () => values.Select(setting.Normalize).ToImmutableArray());
        Apply(setting, new ServedModelOptions(), normal, name);
        return this with { Values = Values.SetItem(setting.Name, normal) };
    }

    /// <summary>The same without a setting.</summary>
    /// <exception cref="SettingException">There is no such setting.</exception>
    public ModelSettings Without(string name) => this with { Values = Values.Remove(ModelSettingTable.Find(name).Name) };

    /// <summary>The same without what is meant for one model of several.</summary>
    public ModelSettings ForFurtherModels() => this with { Values = Values.RemoveRange(ModelSettingTable.All.Where(setting => setting.IsOfOneModel).Select(setting => setting.Name)) };

    /// <summary>These settings where they say something, and others where they do not.</summary>
    public ModelSettings Over(ModelSettings others)
    {
        ArgumentNullException.ThrowIfNull(others);
        return this with { Values = others.Values.SetItems(Values) };
    }

    /// <summary>The options that these settings make of others.</summary>
    /// <param name="basis">What counts where nothing is set; null for the defaults.</param>
    /// <exception cref="SettingException">A value makes no sense any more, such as a file that is gone.</exception>
    public ServedModelOptions ToOptions(ServedModelOptions? basis = null)
    {
        ServedModelOptions options = basis ?? new ServedModelOptions();
        foreach (ModelSetting setting in ModelSettingTable.All)
        {
            if (Values.TryGetValue(setting.Name, out ImmutableArray<string> values))
            {
                options = Apply(setting, options, values, setting.Name);
            }
        }

        return options;
    }

    /// <summary>The same with a setting whose value is not looked at before it is used.</summary>
    internal ModelSettings WithUnchecked(string name, IEnumerable<string> values) => this with { Values = Values.SetItem(ModelSettingTable.Find(name).Name, [.. values]) };

    /// <summary>The same without what others set.</summary>
    internal ModelSettings Except(ModelSettings others) => this with { Values = Values.RemoveRange(others.Values.Keys) };

    /// <summary>Whether a model that was loaded with these settings would be loaded in the same way with others.</summary>
    internal bool LoadsAs(ModelSettings others) => ModelSettingTable.All.Where(setting => setting.IsOfLoading).All(setting =>
        Values.GetValueOrDefault(setting.Name, []).AsSpan().SequenceEqual(others.Values.GetValueOrDefault(setting.Name, []).AsSpan()));

    private static ServedModelOptions Apply(ModelSetting setting, ServedModelOptions options, ImmutableArray<string> values, string name) =>
        Checked(name, () => values.IsEmpty ? throw new FormatException("has no value.") : setting.Apply(options, values));

    private static T Checked<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException exception)
        {
            throw new SettingException(name, exception.Message.Length > 0 && char.IsLower(exception.Message[0]) ? exception.Message : $"is refused: {exception.Message}");
        }
    }
}
