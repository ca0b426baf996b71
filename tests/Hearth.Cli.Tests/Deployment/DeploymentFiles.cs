using System.Text.Json.Nodes;
using Hearth.Tests;
using YamlDotNet.Serialization;

namespace Hearth.Cli.Tests.Deployment;

/// <summary>The files that say how Hearth is deployed.</summary>
internal static class DeploymentFiles
{
    /// <summary>The path of a file of <c>deploy</c>.</summary>
    public static string PathOf(params string[] names) => Path.Combine([Golden.RepositoryRoot, "deploy", .. names]);

    /// <summary>A YAML file as JSON, with numbers and booleans as YAML's core schema has them.</summary>
    public static JsonObject ReadYaml(string path)
    {
        object? document = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(File.ReadAllText(path));
        return Assert.IsType<JsonObject>(ToJson(document));
    }

    private static JsonNode? ToJson(object? value) => value switch
    {
        IDictionary<object, object> map => new JsonObject(map.Select(pair => KeyValuePair.Create((string)pair.Key, ToJson(pair.Value)))),
        IList<object> list => new JsonArray([.. list.Select(ToJson)]),
        null => null,
        _ => JsonValue.Create(value),
    };
}
