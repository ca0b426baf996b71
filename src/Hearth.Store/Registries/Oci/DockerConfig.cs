using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Store.References;

namespace Hearth.Store.Registries.Oci;

/// <summary>Docker's <c>config.json</c>, as far as it is about credentials.</summary>
/// <param name="options">Where it is, and where its helpers are.</param>
internal sealed class DockerConfig(RegistryOptions options)
{
    private const string HubKey = "https://index.docker.io/v1/";
    private const int MaxBytes = 4 << 20;
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, IndentCharacter = '\t', IndentSize = 1 };
    private static readonly string[] s_hubHosts = [ModelReference.DockerHub, "index.docker.io", "registry-1.docker.io"];

    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.Combine(
        options.DockerConfigFolder ?? (Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } folder
            ? folder
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".docker")),
        "config.json");

    /// <summary>The credentials for a registry, and what to tell people where they cannot be used.</summary>
    public async Task<(RegistryCredential? Credential, string? Note)> FindAsync(string registry, CancellationToken cancellationToken)
    {
        string key = KeyOf(registry);
        string? note = null;
        try
        {
            JsonObject root = Read();
            if (HelperOf(root, key) is CredentialHelper helper)
            {
                try
                {
                    if (await helper.GetAsync(key, cancellationToken) is RegistryCredential kept)
                    {
                        return (kept, null);
                    }
                }
                catch (RegistryException exception)
                {
                    note = exception.Message;
                }
            }

            return (EntriesOf(root, key).Select(entry => ReadEntry(entry.Value)).FirstOrDefault(found => found is not null), note);
        }
        catch (RegistryException exception)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>Keeps credentials.</summary>
    /// <returns>Where, for people.</returns>
    /// <exception cref="RegistryException">The file or the helper cannot be used.</exception>
    public async Task<string> StoreAsync(string registry, RegistryCredential credential, CancellationToken cancellationToken)
    {
        string key = KeyOf(registry);
        JsonObject root = Read();
        if (HelperOf(root, key) is CredentialHelper helper)
        {
            await helper.StoreAsync(key, credential, cancellationToken);
            return helper.Program;
        }

        if (root["auths"] is not JsonObject entries)
        {
            root["auths"] = entries = [];
        }

        foreach ((string old, _) in EntriesOf(root, key))
        {
            entries.Remove(old);
        }

        entries[key] = new JsonObject { ["auth"] = credential.Basic.Parameter };
        Write(root);
        return Path;
    }

    /// <summary>Forgets credentials.</summary>
    /// <returns>Whether there were any.</returns>
    /// <exception cref="RegistryException">The file or the helper cannot be used.</exception>
    public async Task<bool> EraseAsync(string registry, CancellationToken cancellationToken)
    {
        string key = KeyOf(registry);
        JsonObject root = Read();
        bool isKept = false;
        if (HelperOf(root, key) is CredentialHelper helper && await helper.GetAsync(key, cancellationToken) is not null)
        {
            await helper.EraseAsync(key, cancellationToken);
            isKept = true;
        }

        List<KeyValuePair<string, JsonNode?>> entries = EntriesOf(root, key);
        if (entries.Count > 0)
        {
            entries.ForEach(entry => ((JsonObject)root["auths"]!).Remove(entry.Key));
            Write(root);
        }

        return isKept || entries.Count > 0;
    }

    /// <summary>The registry that a key means: keys may be hosts or addresses, as <c>https://registry.example/v2/</c>.</summary>
    public static string HostOf(string key)
    {
        int scheme = key.IndexOf("://", StringComparison.Ordinal);
        string host = (scheme < 0 ? key : key[(scheme + 3)..]).Split('/')[0];
        return s_hubHosts.Contains(host, StringComparer.OrdinalIgnoreCase) ? ModelReference.DockerHub : host;
    }

    private static string KeyOf(string registry) => s_hubHosts.Contains(registry, StringComparer.OrdinalIgnoreCase) ? HubKey : registry;

    private static bool IsFor(string entry, string key) => HostOf(entry).Equals(HostOf(key), StringComparison.OrdinalIgnoreCase);

    private static List<KeyValuePair<string, JsonNode?>> EntriesOf(JsonObject root, string key) =>
        root["auths"] is JsonObject entries ? [.. entries.Where(entry => IsFor(entry.Key, key)).OrderByDescending(entry => entry.Key == key)] : [];

    private static RegistryCredential? ReadEntry(JsonNode? node)
    {
        if (node is not JsonObject entry)
        {
            return null;
        }

        string? Text(string name) => entry[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;
        (string user, string password) = (Text("username") ?? string.Empty, Text("password") ?? string.Empty);
        if (Text("auth") is string encoded)
        {
            byte[] decoded = new byte[encoded.Length];
            if (!Convert.TryFromBase64String(encoded, decoded, out int length))
            {
                return null;
            }

            string pair = Encoding.UTF8.GetString(decoded, 0, length).TrimEnd('\0');
            int colon = pair.IndexOf(':');
            (user, password) = colon < 0 ? (user, password) : (pair[..colon], pair[(colon + 1)..]);
        }

        string? identity = Text("identitytoken");
        return user.Length > 0 || identity is not null ? new RegistryCredential(user, password) { IdentityToken = identity } : null;
    }

    private CredentialHelper? HelperOf(JsonObject root, string key)
    {
        JsonNode? name = (root["credHelpers"] as JsonObject)?.FirstOrDefault(entry => IsFor(entry.Key, key)).Value ?? root["credsStore"];
        return name is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? new CredentialHelper(text, options.CredentialHelperFolder) : null;
    }

    private JsonObject Read()
    {
        try
        {
            FileInfo file = new(Path);
            return !file.Exists ? []
                : file.Length > MaxBytes ? throw new RegistryException(RegistryErrorKind.Unauthorized, $"'{Path}' has {file.Length} bytes; more than {MaxBytes} are not read.")
                : file.Length == 0 ? []
                : JsonNode.Parse(File.ReadAllBytes(Path)) as JsonObject
                    ?? throw new RegistryException(RegistryErrorKind.Unauthorized, $"'{Path}' is no JSON object, so that the credentials in it cannot be used.");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new RegistryException(RegistryErrorKind.Unauthorized, $"'{Path}' cannot be read, so that the credentials in it cannot be used: {exception.Message}", exception);
        }
    }

    // As a whole and only for this user, through the link where the file is one.
    private void Write(JsonObject root)
    {
        string path = File.Exists(Path) ? File.ResolveLinkTarget(Path, returnFinalTarget: true)?.FullName ?? Path : Path;
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            string folder = System.IO.Path.GetDirectoryName(path)!;
            FileStreamOptions how = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (FileStream file = new(temporary, how))
            {
                file.Write(Encoding.UTF8.GetBytes(root.ToJsonString(s_indented)));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new RegistryException(RegistryErrorKind.Unauthorized, $"'{Path}' cannot be written: {exception.Message}", exception);
        }
    }
}
