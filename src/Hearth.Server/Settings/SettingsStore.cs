using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Store;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Server.Settings;

/// <summary>
/// The settings of models and of the server that outlive a process: one JSON file, <c>{"models": {MODEL: {NAME: VALUE}}, "server": {NAME: VALUE}}</c>.
/// Writers of several processes take turns, and the file is replaced as a whole.
/// </summary>
/// <param name="path">The file, which need not be there.</param>
public sealed class SettingsStore(string path)
{
    private const string ModelsKey = "models";
    private const string ServerKey = "server";
    private static readonly JsonWriterOptions s_format = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly OwnedFile _file = new(path);

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>Changes whenever the file does.</summary>
    internal (long Length, DateTime Written) Stamp => _file.Stamp;

    /// <summary>The store of this user: in <c>$HEARTH_HOME</c>, else in the system's folder for data of programs.</summary>
    public static SettingsStore OpenDefault() => new(System.IO.Path.Combine(StoreLocation.Home(), "settings.json"));

    /// <summary>The name in the file of a user's word for a model: a built-in name, else a full path.</summary>
    public static string KeyOf(string model) => BuiltInModels.Find(model) is not null ? model : System.IO.Path.GetFullPath(model);

    /// <summary>The name in the file of a stored model: a reference, because it outlives what it points to.</summary>
    public static string KeyOf(StoredModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.References is [ModelReference first, ..] ? first.ToString() : model.Id.ToString();
    }

    /// <summary>What is set for a model.</summary>
    /// <exception cref="SettingsFileException">The file cannot be used.</exception>
    public ModelSettings Get(string key)
    {
        if (!Read().Models.TryGetValue(key, out ModelSettings? settings))
        {
            return ModelSettings.None;
        }

        try
        {
            settings.ToOptions();
            return settings;
        }
        catch (SettingException exception)
        {
            throw Unusable(key, exception);
        }
    }

    /// <summary>Changes what is set for a model; nothing is written when the change fails.</summary>
    /// <param name="key">The model.</param>
    /// <param name="change">Gives the new settings, or throws.</param>
    /// <returns>The new settings.</returns>
    /// <exception cref="SettingsFileException">The file cannot be used.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public ModelSettings Update(string key, Func<ModelSettings, ModelSettings> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        using FileStream turn = _file.TakeTurn();
        (Dictionary<string, ModelSettings> models, Dictionary<string, IReadOnlyList<string>> server) = Read();
        ModelSettings changed = change(models.TryGetValue(key, out ModelSettings? settings) ? settings : ModelSettings.None);
        models[key] = changed;
        Write(models, server);
        return changed;
    }

    /// <summary>What is set for the server, by names that are not looked at.</summary>
    /// <exception cref="SettingsFileException">The file cannot be used.</exception>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> GetServer() => Read().Server;

    /// <summary>Sets something for the server, or takes it back.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="texts">Its values; none to take it back.</param>
    /// <exception cref="SettingsFileException">The file cannot be used.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SetServer(string name, IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using FileStream turn = _file.TakeTurn();
        (Dictionary<string, ModelSettings> models, Dictionary<string, IReadOnlyList<string>> server) = Read();
        if (texts.Count > 0)
        {
            server[name] = texts;
        }
        else
        {
            server.Remove(name);
        }

        Write(models, server);
    }

    private (Dictionary<string, ModelSettings> Models, Dictionary<string, IReadOnlyList<string>> Server) Read()
    {
        Dictionary<string, ModelSettings> models = new(StringComparer.Ordinal);
        Dictionary<string, IReadOnlyList<string>> server = new(StringComparer.Ordinal);
        if (_file.Read() is not byte[] bytes)
        {
            return (models, server);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            foreach (JsonProperty part in Members(document.RootElement, "the file"))
            {
                if (part.Name == ServerKey)
                {
                    foreach (JsonProperty setting in Members(part.Value, ServerKey))
                    {
                        server[setting.Name] = Texts(setting.Value);
                    }

                    continue;
                }

                if (part.Name != ModelsKey)
                {
                    throw new SettingsFileException(Path, $"has an entry '{part.Name}', which this version does not know");
                }

                foreach (JsonProperty model in Members(part.Value, ModelsKey))
                {
                    models[model.Name] = ReadModel(model.Name, model.Value);
                }
            }

            return (models, server);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter where a text is none: bytes that are not UTF-8, or half of a surrogate pair.
            throw new SettingsFileException(Path, $"is not valid JSON: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    private ModelSettings ReadModel(string name, JsonElement model)
    {
        ModelSettings settings = ModelSettings.None;
        foreach (JsonProperty setting in Members(model, name))
        {
            try
            {
                settings = settings.WithUnchecked(setting.Name, Texts(setting.Value));
            }
            catch (SettingException exception)
            {
                throw Unusable(name, exception);
            }
        }

        return settings;
    }

    private SettingsFileException Unusable(string model, SettingException exception) =>
        new(Path, $"says of '{model}': {exception.Message.TrimEnd('.')}", exception);

    private JsonElement.ObjectEnumerator Members(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject()
        : throw new SettingsFileException(Path, $"has no object where one is expected ({name})");

    private static IReadOnlyList<string> Texts(JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Text)] : [Text(value)];

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private void Write(Dictionary<string, ModelSettings> models, Dictionary<string, IReadOnlyList<string>> server)
    {
        JsonObject root = new()
        {
            [ModelsKey] = new JsonObject(models.Where(model => !model.Value.Values.IsEmpty).OrderBy(model => model.Key, StringComparer.Ordinal).Select(model =>
                KeyValuePair.Create<string, JsonNode?>(model.Key, new JsonObject(model.Value.Values.Select(setting =>
                    KeyValuePair.Create<string, JsonNode?>(setting.Key, ModelSettingTable.Find(setting.Key).IsList
                        ? new JsonArray([.. setting.Value.Select(text => (JsonNode)text)])
                        : setting.Value[^1])))))),
        };
        if (server.Count > 0)
        {
            root[ServerKey] = new JsonObject(server.OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => KeyValuePair.Create<string, JsonNode?>(
                setting.Key, setting.Value.Count == 1 ? setting.Value[0] : new JsonArray([.. setting.Value.Select(text => (JsonNode)text)]))));
        }

        _file.Replace(file =>
        {
            using Utf8JsonWriter writer = new(file, s_format);
            root.WriteTo(writer);
        });
    }
}
