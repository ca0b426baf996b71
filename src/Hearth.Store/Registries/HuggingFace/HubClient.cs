using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Hearth.Store.References;
using Hearth.Store.Registries.Http;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>Reads repositories through Hugging Face's API.</summary>
/// <param name="http">The requests.</param>
/// <param name="token">The token; null for none.</param>
/// <param name="onRetry">Is told of each retry.</param>
internal sealed partial class HubClient(RegistryHttp http, string? token, Action<string>? onRetry = null)
{
    private const int MaxAnswerBytes = 16 << 20;
    private const int MaxPages = 100;
    private const int MaxFiles = 100_000;
    private readonly Uri _endpoint = http.Options.HuggingFace;

    /// <summary>Whether there is a token.</summary>
    public bool HasToken => token is not null;

    /// <summary>What is sent to Hugging Face, and to nobody that it redirects to; null for nothing.</summary>
    public RequestAuthorization? Authorization { get; } = token is null ? null : new TokenAuthorization(http.Options.HuggingFace, token);

    /// <summary>Reads what a repository has at the commit that a reference's revision means now.</summary>
    /// <exception cref="RegistryException">There is none, it cannot be read, or the answer makes no sense.</exception>
    public async Task<HubRepository> ReadAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        string api = $"api/models/{reference.Repository}";
        (_, HubModel? model) = await GetAsync(Address($"{api}/revision/{Uri.EscapeDataString(reference.Revision ?? "main")}"), reference, HubJson.Default.HubModel, cancellationToken);
        if (model is not { Sha: string commit, LastModified: DateTimeOffset modified } || !Commit().IsMatch(commit))
        {
            throw Invalid($"says neither which commit of '{reference.Repository}' it means nor when that was made");
        }

        List<HubFile> files = [];
        int pages = 0;
        for (Uri? next = Address($"{api}/tree/{commit}?recursive=true"); next is not null; pages++)
        {
            if (pages == MaxPages || files.Count > MaxFiles)
            {
                throw Invalid($"lists more than {MaxFiles} files of '{reference.Repository}', or on more than {MaxPages} pages");
            }

            (HttpResponseMessage response, HubTreeEntry?[]? entries) = await GetAsync(next, reference, HubJson.Default.HubTreeEntryArray, cancellationToken);
            files.AddRange((entries ?? []).Select(ReadFile).OfType<HubFile>());
            next = NextPage(response, next);
            if (next is not null && !RegistryHttp.IsSameOrigin(next, _endpoint))
            {
                throw new RegistryException(RegistryErrorKind.Refused, $"{RegistryHttp.Redact(_endpoint)} leads to {RegistryHttp.Redact(next)} for the rest of its answer, which is another place.");
            }
        }

        string id = model.Id is not null && model.Id.Equals(reference.Repository, StringComparison.OrdinalIgnoreCase) ? model.Id : reference.Repository;
        return new HubRepository(id, commit, modified, model.Gated.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False), files);
    }

    /// <summary>Searches for repositories with GGUF files, those first that are fetched most.</summary>
    /// <exception cref="RegistryException">It cannot be asked.</exception>
    public async Task<IReadOnlyList<HubModel>> SearchAsync(string term, int limit, CancellationToken cancellationToken)
    {
        string search = term.Length == 0 ? string.Empty : $"search={Uri.EscapeDataString(term)}&";
        (_, HubModel?[]? models) = await GetAsync(
            Address($"api/models?{search}filter=gguf&sort=downloads&direction=-1&limit={limit}&full=true"), reference: null, HubJson.Default.HubModelArray, cancellationToken);
        return [.. (models ?? []).OfType<HubModel>()];
    }

    /// <summary>Where a file is.</summary>
    public Uri AddressOf(HubRepository repository, HubFile file) =>
        Address($"{repository.Id}/resolve/{repository.Commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>Reads a file that is not kept with Git LFS, and compares it with its Git object's name.</summary>
    /// <exception cref="RegistryException">It cannot be read, or is something else.</exception>
    public async Task<byte[]> ReadFileAsync(HubRepository repository, HubFile file, CancellationToken cancellationToken)
    {
        Uri address = AddressOf(repository, file);
        (_, byte[] content) = await http.ReadAsync(new RegistryRequest(HttpMethod.Get, address) { Authorization = Authorization, OnRetry = onRetry }, checked((int)file.Size), cancellationToken);
        return content.Length != file.Size
            ? throw new RegistryException(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(address)} sends {content.Length} bytes; expected {file.Size}.")
            : GitId(content) != file.GitId
            ? throw new RegistryException(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(address)} sends the Git object {GitId(content)}; expected {file.GitId}. It was not stored.")
            : content;
    }

    /// <summary>The name of the Git object of a file.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "Git names its objects so.")]
    public static string GitId(ReadOnlySpan<byte> content)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {content.Length}\0"));
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private async Task<(HttpResponseMessage Response, T? Value)> GetAsync<T>(Uri address, ModelReference? reference, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        RegistryRequest request = new(HttpMethod.Get, address)
        {
            Authorization = Authorization,
            Expected = reference is null ? [] : [HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.NotFound],
            OnRetry = onRetry,
        };
        (HttpResponseMessage response, byte[] body) = await http.ReadAsync(request, MaxAnswerBytes, cancellationToken);
        if (reference is not null && !response.IsSuccessStatusCode)
        {
            throw HubErrors.Of(response, _endpoint, reference, HasToken);
        }

        try
        {
            return (response, JsonSerializer.Deserialize(body, type));
        }
        catch (JsonException exception)
        {
            throw Invalid($"sends no valid answer for {address.AbsolutePath}: {exception.Message}", exception);
        }
    }

    // Folders, and files that no repository can have, are left out: nothing is stored by its path, but nothing else in such an answer is sound.
    private static HubFile? ReadFile(HubTreeEntry? entry)
    {
        if (entry is not { Type: "file", Path: string path } || !HubFile.IsSafe(path))
        {
            return null;
        }

        return entry.Lfs is HubLfs lfs
            ? lfs.Size >= 0 && Digest.TryFromHex(lfs.Oid, out Digest digest) ? new HubFile(path, lfs.Size, digest) : null
            : entry.Size >= 0 && entry.Oid is string id ? new HubFile(path, entry.Size, GitId: id) : null;
    }

    // RFC 8288: Link: <ADDRESS>; rel="next".
    private static Uri? NextPage(HttpResponseMessage response, Uri page) =>
        response.Headers.TryGetValues("Link", out IEnumerable<string>? links) && NextLink().Match(string.Join(", ", links)) is { Success: true } next
            && Uri.TryCreate(page, next.Groups[1].Value, out Uri? address) ? address : null;

    private RegistryException Invalid(string what, Exception? inner = null) => new(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(_endpoint)} {what}.", inner);

    private Uri Address(string path) => new($"{_endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{path}");

    [GeneratedRegex("<([^>]*)>\\s*;[^,]*rel=\"?next\"?")]
    private static partial Regex NextLink();

    [GeneratedRegex("^[0-9a-f]{40,64}\\z")]
    private static partial Regex Commit();
}
