using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries.Http;

namespace Hearth.Store.Registries.Oci;

/// <summary>A repository of a registry (OCI distribution specification 1.1).</summary>
/// <param name="http">The requests to the registry.</param>
/// <param name="repository">The repository.</param>
/// <param name="authorization">The credentials.</param>
internal sealed class OciRegistry(RegistryHttp http, string repository, RequestAuthorization authorization)
{
    /// <summary>Docker's list of manifests, which is read like an index.</summary>
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";

    private static readonly string[] s_accept = [MediaTypes.OciManifest, MediaTypes.DockerManifest, MediaTypes.OciIndex, DockerList];

    /// <summary>The requests to the registry.</summary>
    public RegistryHttp Http => http;

    /// <summary>The credentials.</summary>
    public RequestAuthorization Authorization => authorization;

    /// <summary>The address of a part of the repository.</summary>
    public Uri Address(string path) => new(http.Origin, $"/v2/{repository}/{path}");

    /// <summary>The address of a content.</summary>
    public Uri AddressOf(Digest digest) => Address($"blobs/{digest}");

    /// <summary>Gets a manifest or an index.</summary>
    /// <param name="name">A tag or a digest.</param>
    /// <param name="onRetry">Is told of each retry.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Its media type, which is empty where the registry does not tell, and its bytes.</returns>
    /// <exception cref="RegistryException">The registry cannot be used, or sends something else than the digest says.</exception>
    public async Task<(string MediaType, byte[] Bytes)> GetManifestAsync(string name, Action<string>? onRetry, CancellationToken cancellationToken)
    {
        RegistryRequest request = new(HttpMethod.Get, Address($"manifests/{name}")) { Authorization = authorization, Accept = s_accept, OnRetry = onRetry };
        (HttpResponseMessage response, byte[] bytes) = await http.ReadAsync(request, Manifest.MaxBytes, cancellationToken);
        Digest found = Digest.Of(bytes);
        if (Digest.TryParse(name, out Digest asked))
        {
            Require(asked);
        }

        if (response.Headers.TryGetValues("Docker-Content-Digest", out IEnumerable<string>? values) && Digest.TryParse(values.FirstOrDefault(), out Digest told))
        {
            Require(told);
        }

        return (response.Content.Headers.ContentType?.MediaType ?? string.Empty, bytes);

        void Require(Digest expected)
        {
            if (found != expected)
            {
                throw new RegistryException(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(request.Address)} sends the manifest {found}; expected {expected}.");
            }
        }
    }
}
