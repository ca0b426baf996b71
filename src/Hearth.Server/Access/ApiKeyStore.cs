using System.Text.Json;
using System.Text.Json.Serialization;
using Hearth.Server.Settings;
using Hearth.Store;

namespace Hearth.Server.Access;

/// <summary>The API keys of this user's server: a JSON file that only the user may read. As soon as it has one, the server asks for keys.</summary>
/// <param name="path">The file, which need not be there.</param>
public sealed class ApiKeyStore(string path)
{
    private const int MaxNameLength = 64;
    private readonly OwnedFile _file = new(path);
    private readonly Lock _gate = new();
    private (long Length, DateTime Written) _stamp;
    private Dictionary<string, ApiKey> _byHash = [];

    /// <summary>The store of this user.</summary>
    public static ApiKeyStore OpenDefault() => new(Path.Combine(StoreLocation.Home(), "api-keys.json"));

    /// <summary>The keys, by their names.</summary>
    /// <exception cref="SettingsFileException">The file cannot be used.</exception>
    public IReadOnlyList<ApiKey> List() => [.. Read().OrderBy(key => key.Name, StringComparer.Ordinal)];

    /// <summary>Makes a key.</summary>
    /// <param name="name">What it is called; one of that name is replaced.</param>
    /// <param name="limits">Its limits; name, hash and time are set here.</param>
    /// <param name="now">The time.</param>
    /// <returns>The key, which cannot be had again.</returns>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    /// <exception cref="SettingsFileException">The file cannot be used.</exception>
    public string Create(string name, ApiKey? limits, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || name.Any(char.IsControl))
        {
            throw new ArgumentException($"A key's name has 1 to {MaxNameLength} characters.", nameof(name));
        }

        string secret = ApiKey.NewSecret();
        ApiKey key = (limits ?? new ApiKey(name, string.Empty, now)) with { Name = name, Hash = ApiKey.HashOf(secret), Created = now };
        using FileStream turn = _file.TakeTurn();
        Write([.. Read().Where(other => other.Name != name), key]);
        return secret;
    }

    /// <summary>Removes a key; it opens nothing from then on.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="SettingsFileException">The file cannot be used.</exception>
    public bool Remove(string name)
    {
        using FileStream turn = _file.TakeTurn();
        IReadOnlyList<ApiKey> keys = Read();
        ApiKey[] rest = [.. keys.Where(key => key.Name != name)];
        if (rest.Length == keys.Count)
        {
            return false;
        }

        Write(rest);
        return true;
    }

    /// <summary>Finds the key that a client has shown.</summary>
    /// <param name="secret">What it has shown; null for nothing.</param>
    /// <param name="areWanted">Whether there are keys at all.</param>
    /// <exception cref="SettingsFileException">The file cannot be used; nobody is let in.</exception>
    internal ApiKey? Find(string? secret, out bool areWanted) => FindHash(secret is null ? null : ApiKey.HashOf(secret), out areWanted);

    /// <summary>Finds a key by the hash of its secret.</summary>
    /// <param name="hash">The hash; null for none.</param>
    /// <param name="areWanted">Whether there are keys at all.</param>
    /// <exception cref="SettingsFileException">The file cannot be used; nobody is let in.</exception>
    internal ApiKey? FindHash(string? hash, out bool areWanted)
    {
        Dictionary<string, ApiKey> keys = Current();
        areWanted = keys.Count > 0;
        return hash is not null && keys.TryGetValue(hash, out ApiKey? key) ? key : null;
    }

    /// <summary>Finds a key by what it is called.</summary>
    /// <exception cref="SettingsFileException">The file cannot be used.</exception>
    internal ApiKey? FindNamed(string name) => Current().Values.FirstOrDefault(key => key.Name == name);

    // Another process may have made or removed a key.
    private Dictionary<string, ApiKey> Current()
    {
        lock (_gate)
        {
            (long Length, DateTime Written) stamp = _file.Stamp;
            if (stamp != _stamp)
            {
                _byHash = Read().DistinctBy(key => key.Hash).ToDictionary(key => key.Hash);
                _stamp = stamp;
            }

            return _byHash;
        }
    }

    private IReadOnlyList<ApiKey> Read()
    {
        if (_file.Read() is not byte[] bytes)
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, ApiKeyJson.Default.ApiKeyFile)?.Keys is { } keys && keys.All(key => key is { Name.Length: > 0, Hash.Length: > 0 })
                ? keys
                : throw new SettingsFileException(_file.Path, "has no list of keys");
        }
        catch (JsonException exception)
        {
            throw new SettingsFileException(_file.Path, $"is not valid JSON: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    private void Write(IReadOnlyList<ApiKey> keys) => _file.Replace(stream => JsonSerializer.Serialize(stream, new ApiKeyFile(keys), ApiKeyJson.Default.ApiKeyFile));
}

internal sealed record ApiKeyFile(IReadOnlyList<ApiKey> Keys);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiKeyFile))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
