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

    // So that a sum over all files is a number.
    private const long MaxFileBytes = 1L << 45;
    private readonly Uri _endpoint = http.Options.HuggingFace;

    /// <summary>What is sent to Hugging Face, and to nobody that it redirects to; null for nothing.</summary>
    public RequestAuthorization? Authorization { get; } = token is null ? null : new TokenAuthorization(http.Options.HuggingFace, token);

    /// <summary>Says why something cannot be had.</summary>
    public HubErrors Errors { get; } = new(http.Options.HuggingFace, hasToken: token is not null);

    /// <summary>Reads what a repository has at the commit that a reference's revision means now.</summary>
    /// <exception cref="RegistryException">There is none, it cannot be read, or the answer makes no sense.</exception>
    public async Task<HubRepository> ReadAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        string api = $"api/models/{reference.Repository}";
        Uri address = Address($"{api}/revision/{Uri.EscapeDataString(reference.Revision ?? "main")}");
        (_, HubModel? model) = await GetAsync(address, reference, HubJson.Default.HubModel, cancellationToken);
        if (model is not { Sha: string commit, LastModified: DateTimeOffset modified } || !Commit().IsMatch(commit))
        {
            throw Invalid($"says neither which commit of '{reference.Repository}' it means nor when that was made");
        }

        // Of a repository that has been renamed, the name that was asked for stays.
        string id = reference.Repository.Equals(model.Id, StringComparison.OrdinalIgnoreCase) ? model.Id! : reference.Repository;
        bool isGated = model.Gated.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False);
        List<HubFile> files = await ListAsync(reference, Address($"{api}/tree/{commit}?recursive=true"), cancellationToken);
        return new HubRepository(id, commit, modified, isGated, files);
    }

    /// <summary>Searches for repositories with GGUF files, those first that are fetched most.</summary>
    /// <exception cref="RegistryException">It cannot be asked.</exception>
    public async Task<IReadOnlyList<HubModel>> SearchAsync(string term, int limit, CancellationToken cancellationToken)
    {
        string search = term.Length == 0 ? string.Empty : $"search={Uri.EscapeDataString(term)}&";
        Uri address = Address($"api/models?{search}filter=gguf&sort=downloads&direction=-1&limit={limit}&full=true");
        (_, HubModel?[]? models) = await GetAsync(address, reference: null, HubJson.Default.HubModelArray, cancellationToken);
        return [.. (models ?? []).OfType<HubModel>()];
    }

    /// <summary>Where a file is.</summary>
    public Uri AddressOf(HubRepository repository, HubFile file) =>
        Address($"{repository.Id}/resolve/{repository.Commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>Reads a file that is not kept with Git LFS, and compares it with its Git object's name.</summary>
    /// <exception cref="RegistryException">It cannot be read, or is something else.</exception>
    public async Task<byte[]> ReadFileAsync(HubRepository repository, HubFile file, CancellationToken cancellationToken)
    {
        RegistryRequest request = new(HttpMethod.Get, AddressOf(repository, file)) { Authorization = Authorization, OnRetry = onRetry };
        (_, byte[] content) = await http.ReadAsync(request, checked((int)file.Size), cancellationToken);
        string? fault = content.Length != file.Size ? $"{content.Length} bytes; expected {file.Size}"
            : GitId(content) is string found && found != file.GitId ? $"the Git object {found}; expected {file.GitId}"
            : null;
        return fault is null
            ? content
            : throw new RegistryException(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(request.Address)} sends {fault}. It was not stored.");
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

    private async Task<List<HubFile>> ListAsync(ModelReference reference, Uri first, CancellationToken cancellationToken)
    {
        List<HubFile> files = [];
        int pages = 0;
        for (Uri? page = first; page is not null; pages++)
        {
            if (pages == MaxPages || files.Count > MaxFiles)
            {
                throw Invalid($"lists more than {MaxFiles} files of '{reference.Repository}', or on more than {MaxPages} pages");
            }

            (HttpResponseMessage response, HubTreeEntry?[]? entries) =
                await GetAsync(page, reference, HubJson.Default.HubTreeEntryArray, cancellationToken);
            files.AddRange((entries ?? []).Select(ReadFile).OfType<HubFile>());
            page = NextPage(response, page);
        }

        return files;
    }

    // RFC 8288: Link: <ADDRESS>; rel="next".
    private Uri? NextPage(HttpResponseMessage response, Uri page)
    {
        if (!response.Headers.TryGetValues("Link", out IEnumerable<string>? links)
            || NextLink().Match(string.Join(", ", links)) is not { Success: true } link
            || !Uri.TryCreate(page, link.Groups[1].Value, out Uri? next))
        {
            return null;
        }

        return RegistryHttp.IsSameOrigin(next, _endpoint) ? next : throw new RegistryException(
            RegistryErrorKind.Refused,
            $"{RegistryHttp.Redact(_endpoint)} leads to {RegistryHttp.Redact(next)} for the rest of its answer, which is another place.");
    }

    private async Task<(HttpResponseMessage Response, T? Value)> GetAsync<T>(
        Uri address, ModelReference? reference, JsonTypeInfo<T> type, CancellationToken cancellationToken)
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
            throw Errors.Of(response, reference);
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

    // Folders, and files that no repository can have, are left out. Nothing is stored by its path, but such an answer is not sound.
    private static HubFile? ReadFile(HubTreeEntry? entry)
    {
        if (entry is not { Type: "file", Path: string path } || !HubFile.IsSafe(path))
        {
            return null;
        }

        if (entry.Lfs is HubLfs lfs)
        {
            return lfs.Size is >= 0 and <= MaxFileBytes && Digest.TryFromHex(lfs.Oid, out Digest digest) ? new HubFile(path, lfs.Size, digest) : null;
        }

        return entry.Size is >= 0 and <= MaxFileBytes && entry.Oid is string id ? new HubFile(path, entry.Size, GitId: id) : null;
    }

    private RegistryException Invalid(string what, Exception? inner = null) =>
        new(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(_endpoint)} {what}.", inner);

    private Uri Address(string path) => new($"{_endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{path}");

    [GeneratedRegex("<([^>]*)>\\s*;[^,]*rel=\"?next\"?")]
    private static partial Regex NextLink();

    [GeneratedRegex("^[0-9a-f]{40,64}\\z")]
    private static partial Regex Commit();
}
