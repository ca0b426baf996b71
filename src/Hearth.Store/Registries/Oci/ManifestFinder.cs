using System.Text.Json;
using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Store.Registries.Oci;

/// <summary>Finds the manifest of a model: of an index, the only one in it that is a model.</summary>
internal static class ManifestFinder
{
    private const int MaxCandidates = 16;

    /// <summary>Finds it.</summary>
    /// <exception cref="RegistryException">The registry cannot be used.</exception>
    /// <exception cref="ManifestException">It is of something else than a model, or of several.</exception>
    public static async Task<Manifest> FindAsync(OciRegistry registry, ModelReference reference, Action<string>? onRetry, CancellationToken cancellationToken)
    {
        (string mediaType, byte[] bytes) = await registry.GetManifestAsync(reference.ManifestName, onRetry, cancellationToken);
        if (!IsIndex(mediaType, bytes))
        {
            Manifest only = Manifest.Read(bytes);
            ModelInterpreter.Check(only);
            return only;
        }

        List<Manifest> models = [];
        List<Digest> candidates = ReadIndex(bytes);
        foreach (Digest digest in candidates)
        {
            (_, byte[] candidate) = await registry.GetManifestAsync(digest.ToString(), onRetry, cancellationToken);
            try
            {
                Manifest manifest = Manifest.Read(candidate);
                ModelInterpreter.Check(manifest);
                models.Add(manifest);
            }
            catch (ManifestException exception) when (exception.IsUnsupported)
            {
                // Another kind of artifact beside the model.
            }
        }

        return models switch
        {
            [Manifest model] => model,
            [] => throw new ManifestException($"'{reference.Display}' is a list of {candidates.Count} manifests, none of which is of a model that Hearth knows.", isUnsupported: true),
            _ => throw new ManifestException(
                $"'{reference.Display}' is a list of {models.Count} models; name one by its digest: {string.Join(", ", models.Select(model => $"{reference.Registry}/{reference.Repository}@{model.Digest}"))}.",
                isUnsupported: true),
        };
    }

    private static bool IsIndex(string mediaType, byte[] bytes)
    {
        if (mediaType is MediaTypes.OciIndex or OciRegistry.DockerList)
        {
            return true;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("manifests", out JsonElement list)
                && list.ValueKind == JsonValueKind.Array && !document.RootElement.TryGetProperty("layers", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static List<Digest> ReadIndex(byte[] bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            List<Digest> digests =
            [
                .. from entry in document.RootElement.GetProperty("manifests").EnumerateArray()
                   where entry.GetProperty("mediaType").GetString() is MediaTypes.OciManifest or MediaTypes.DockerManifest && MayBeModel(entry)
                   select Digest.Parse(entry.GetProperty("digest").GetString() ?? string.Empty),
            ];
            return digests.Count > MaxCandidates
                ? throw new ManifestException($"The reference is of a list of {digests.Count} manifests; at most {MaxCandidates} are looked at. Name one by its digest.", isUnsupported: true)
                : digests;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ManifestException($"The index is not as the OCI image specification says: {exception.Message}", inner: exception);
        }
    }

    // An image for a platform, or an attestation of one, is no model; without a type only its manifest tells.
    private static bool MayBeModel(JsonElement entry) => entry.TryGetProperty("artifactType", out JsonElement type) && type.GetString() is { Length: > 0 } artifact
        ? artifact is MediaTypes.CncfArtifact or MediaTypes.CncfConfig or MediaTypes.DockerConfig or MediaTypes.DockerFilesConfig
        : !(entry.TryGetProperty("annotations", out JsonElement notes) && notes.ValueKind == JsonValueKind.Object && notes.TryGetProperty("vnd.docker.reference.type", out _));
}
