using System.Globalization;
using System.Net;
using Hearth.Store.Manifests;
using Hearth.Store.Registries;
using Hearth.Store.Registries.Http;
using Hearth.Store.Registries.Oci;
using Microsoft.Win32.SafeHandles;
using Polly;

namespace Hearth.Store.Transfer;

/// <summary>
/// Puts one content into a repository (OCI distribution specification, "Pushing blobs"): not at all where it is there, taken from another
/// repository of the registry where that has it, at once when it is small, else in chunks that go on where they broke off.
/// </summary>
/// <param name="registry">The repository.</param>
/// <param name="blob">The content.</param>
/// <param name="path">Its file.</param>
/// <param name="sources">Repositories of the registry that may have it.</param>
/// <param name="report">Is told of its progress.</param>
internal sealed class BlobUpload(OciRegistry registry, Descriptor blob, string path, IReadOnlyList<string> sources, Action<BlobProgress> report)
{
    private static readonly TimeSpan s_finishPatience = TimeSpan.FromMinutes(10);
    private readonly ResiliencePipeline _retry = RetryPipeline.Create(registry.Http.Options, registry.Http.Time, message => report(new BlobProgress(TransferStage.Retrying, 0, message)));
    private Uri? _location;
    private long _offset;
    private bool _isBroken;
    private long _chunkBytes = registry.Http.Options.ChunkBytes;

    /// <summary>Puts it there.</summary>
    /// <returns>Whether it had to be sent.</returns>
    /// <exception cref="RegistryException">The registry cannot be used.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        if (await _retry.ExecuteAsync(async token => await ExistsAsync(token), cancellationToken))
        {
            return false;
        }

        foreach (string source in sources)
        {
            if (await _retry.ExecuteAsync(async token => await BeginAsync(source, token), cancellationToken))
            {
                return false;
            }
        }

        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        bool isDone = false;
        while (!isDone)
        {
            // Retries are counted anew whenever there was progress.
            isDone = await _retry.ExecuteAsync(
                async token =>
                {
                    long before = _offset;
                    try
                    {
                        await SendAsync(file, token);
                        return true;
                    }
                    catch (RegistryException exception) when (exception.IsTransient && _offset > before)
                    {
                        report(new BlobProgress(TransferStage.Retrying, _offset, $"{exception.Message} Going on from there."));
                        return false;
                    }
                },
                cancellationToken);
        }

        return true;
    }

    private async Task SendAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        if (_isBroken)
        {
            // Maybe only the last answer was lost.
            if (await ExistsAsync(cancellationToken))
            {
                return;
            }

            await ResumeAsync(cancellationToken);
        }

        _isBroken = true;
        if (_location is null)
        {
            await BeginAsync(null, cancellationToken);
        }

        while (_offset < blob.Size && (_offset > 0 || blob.Size > _chunkBytes))
        {
            await SendChunkAsync(file, cancellationToken);
        }

        await FinishAsync(file, cancellationToken);
    }

    private async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        RegistryRequest exists = new(HttpMethod.Head, registry.AddressOf(blob.Digest)) { Authorization = registry.Authorization, Expected = [HttpStatusCode.NotFound] };
        using HttpResponseMessage answer = await registry.Http.SendOnceAsync(exists, cancellationToken);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Begins an upload, or takes the content from another repository.</summary>
    /// <returns>Whether it was taken.</returns>
    private async Task<bool> BeginAsync(string? source, CancellationToken cancellationToken)
    {
        string query = source is null ? string.Empty : $"?mount={Uri.EscapeDataString(blob.Digest.ToString())}&from={Uri.EscapeDataString(source)}";
        RegistryRequest begin = new(HttpMethod.Post, registry.Address($"blobs/uploads/{query}")) { Authorization = registry.Authorization, Content = () => new ByteArrayContent([]) };
        using HttpResponseMessage answer = await registry.Http.SendOnceAsync(begin, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.Created)
        {
            return true;
        }

        _offset = 0;
        _location = LocationOf(answer) ?? throw new RegistryException(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(begin.Address)} does not say where to upload to.");
        if (answer.Headers.TryGetValues("OCI-Chunk-Min-Length", out IEnumerable<string>? values)
            && long.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out long least))
        {
            _chunkBytes = Math.Max(_chunkBytes, least);
        }

        return false;
    }

    private async Task SendChunkAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        long start = _offset, end = Math.Min(start + _chunkBytes, blob.Size);
        RegistryRequest chunk = new(HttpMethod.Patch, _location!)
        {
            Authorization = registry.Authorization,
            Content = () =>
            {
                FileContent content = new(file, start, end - start, done => report(new BlobProgress(TransferStage.Transferring, start + done)));
                content.Headers.TryAddWithoutValidation("Content-Range", $"{start}-{end - 1}");
                return content;
            },
            Expected = [HttpStatusCode.RequestedRangeNotSatisfiable, HttpStatusCode.NotFound],
        };
        using HttpResponseMessage answer = await registry.Http.SendOnceAsync(chunk, cancellationToken);
        RequireUpload(answer);
        _location = LocationOf(answer) ?? _location;
        _offset = end;
    }

    /// <summary>Asks how much has come.</summary>
    private async Task ResumeAsync(CancellationToken cancellationToken)
    {
        if (_location is null)
        {
            return;
        }

        RegistryRequest ask = new(HttpMethod.Get, _location) { Authorization = registry.Authorization, Expected = [HttpStatusCode.NotFound] };
        using HttpResponseMessage answer = await registry.Http.SendOnceAsync(ask, cancellationToken);
        string[] range = answer.Headers.NonValidated.TryGetValues("Range", out System.Net.Http.Headers.HeaderStringValues values) ? values.ToString().Replace("bytes=", string.Empty, StringComparison.Ordinal).Split('-') : [];
        if (answer.IsSuccessStatusCode && range is ["0", string last] && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out long end) && end < blob.Size)
        {
            // "0-0" is what registries say of nothing.
            _offset = end == 0 ? 0 : end + 1;
            _location = LocationOf(answer) ?? _location;
        }
        else
        {
            _offset = 0;
            _location = null;
        }
    }

    private async Task FinishAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        long start = _offset;
        UriBuilder address = new(_location!);
        string digest = $"digest={Uri.EscapeDataString(blob.Digest.ToString())}";
        address.Query = address.Query.Length > 1 ? $"{address.Query[1..]}&{digest}" : digest;
        RegistryRequest finish = new(HttpMethod.Put, address.Uri)
        {
            Authorization = registry.Authorization,
            Content = () => start < blob.Size
                ? new FileContent(file, start, blob.Size - start, done => report(new BlobProgress(TransferStage.Transferring, start + done)))
                : new ByteArrayContent([]),
            Expected = [HttpStatusCode.RequestedRangeNotSatisfiable, HttpStatusCode.NotFound],
            Patience = s_finishPatience,
        };
        using HttpResponseMessage answer = await registry.Http.SendOnceAsync(finish, cancellationToken);
        RequireUpload(answer);
    }

    // The registry has lost the upload, or counts other bytes: the next try asks it.
    private void RequireUpload(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new RegistryException(RegistryErrorKind.Unavailable, $"{RegistryHttp.Redact(_location!)} answers {(int)answer.StatusCode} to a part of an upload.") { IsTransient = true };
        }
    }

    private static Uri? LocationOf(HttpResponseMessage answer) => answer.Headers.Location is Uri location
        ? location.IsAbsoluteUri ? location : new Uri(answer.RequestMessage!.RequestUri!, location)
        : null;
}
