using System.Text.Json.Serialization;

namespace Hearth.Server.Access;

/// <summary>What a key is for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeyScope>))]
public enum KeyScope
{
    /// <summary>To ask models, and to keep files and batches for that.</summary>
    [JsonStringEnumMemberName("inference")]
    Inference,

    /// <summary>To get, change, load and remove models.</summary>
    [JsonStringEnumMemberName("models")]
    Models,

    /// <summary>To read what the server counts.</summary>
    [JsonStringEnumMemberName("metrics")]
    Metrics,

    /// <summary>Everything: the others, and what tells about other people's requests.</summary>
    [JsonStringEnumMemberName("admin")]
    Admin,
}

/// <summary>The names of scopes.</summary>
public static class KeyScopes
{
    /// <summary>The name of a scope.</summary>
    public static string NameOf(KeyScope scope) => scope.ToString().ToLowerInvariant();

    /// <summary>The scope of a name.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static KeyScope Parse(string name)
    {
        KeyScope[] all = Enum.GetValues<KeyScope>();
        int index = Array.FindIndex(all, scope => NameOf(scope) == name);
        return index >= 0 ? all[index] : throw new FormatException($"'{name}' is not a scope; there are {string.Join(", ", all.Select(NameOf))}.");
    }
}
