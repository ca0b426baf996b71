using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.Modelfiles;
using Hearth.Store.Storage;

namespace Hearth.Server.Models;

/// <summary>Writes a stored model as a Modelfile.</summary>
public static class PackagedModelfile
{
    /// <summary>A Modelfile that makes the same model.</summary>
    public static Modelfile Of(StoredModel model, ModelContent content)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(content);
        return new Modelfile
        {
            From = [model.References is [{ } reference, ..] ? reference.Display : model.Id.Hex],
            Template = content.Template,
            System = content.System,
            Parameters = [.. ParametersOf(content.Parameters)],
            Messages = content.Messages,
            Licenses = content.Licenses,
        };
    }

    /// <summary>The parameters as lines of a Modelfile: a list is several of the same name.</summary>
    public static IEnumerable<KeyValuePair<string, string>> ParametersOf(JsonObject? parameters)
    {
        foreach ((string name, JsonNode? value) in parameters ?? [])
        {
            IEnumerable<JsonNode?> items = value as IEnumerable<JsonNode?> ?? [value];
            foreach (JsonNode? item in items)
            {
                yield return KeyValuePair.Create(name, item is JsonValue text && text.TryGetValue(out string? plain) ? plain : item?.ToJsonString() ?? string.Empty);
            }
        }
    }
}
