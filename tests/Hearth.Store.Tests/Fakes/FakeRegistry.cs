using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Hearth.Store.Tests.Fakes;

/// <summary>How a registry sends contents wrongly.</summary>
internal sealed record BlobFault
{
    /// <summary>Bytes after which each answer is cut; null for none.</summary>
    public long? CutAfter { get; init; }

    /// <summary>Answers that are cut.</summary>
    public int Cuts { get; init; } = int.MaxValue;

    /// <summary>Whether ranges are ignored (200) instead of honoured (206).</summary>
    public bool IgnoresRanges { get; init; }

    /// <summary>Whether ranges are refused (416).</summary>
    public bool RefusesRanges { get; init; }

    /// <summary>Whether another range is sent than was asked for.</summary>
    public bool SendsOtherRange { get; init; }

    /// <summary>Bytes that the answer has more, or fewer, than it should.</summary>
    public int ExtraBytes { get; init; }

    /// <summary>Whether the length is not told.</summary>
    public bool IsChunked { get; init; }

    /// <summary>Whether a bit is wrong.</summary>
    public bool IsCorrupt { get; init; }
}

/// <summary>A registry of the OCI distribution specification whose faults a test chooses.</summary>
internal sealed class FakeRegistry : FakeServer
{
    private const int WriteBytes = 16 * 1024;
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();
    private readonly ConcurrentDictionary<string, (byte[] Bytes, string MediaType)> _manifests = new();
    private readonly ConcurrentDictionary<string, MemoryStream> _uploads = new();
    private int _cuts;

    private FakeRegistry(X509Certificate2? certificate)
        : base(certificate)
    {
    }

    public BlobFault Fault { get; set; } = new();

    /// <summary>What is waited for before a content is sent.</summary>
    public Func<HttpContext, Task> BeforeBlob { get; set; } = _ => Task.CompletedTask;

    public static async Task<FakeRegistry> StartAsync(X509Certificate2? certificate = null)
    {
        FakeRegistry registry = new(certificate);
        await registry.ListenAsync();
        return registry;
    }

    public Digest Add(byte[] content)
    {
        Digest digest = Digest.Of(content);
        _blobs[digest.ToString()] = content;
        return digest;
    }

    /// <summary>Lets all uploads that are not finished be gone.</summary>
    public void ForgetUploads() => _uploads.Clear();

    /// <summary>Takes a part of an upload.</summary>
    public Task ReceiveAsync(HttpContext context) => AnswerUploadAsync(context, context.Request.Path.Value!);

    public bool Has(Digest digest) => _blobs.ContainsKey(digest.ToString());

    public byte[]? Manifest(string repository, string name) => _manifests.TryGetValue($"{repository}/{name}", out var found) ? found.Bytes : null;

    public Digest AddManifest(string repository, string tag, byte[] bytes, string mediaType)
    {
        Digest digest = Digest.Of(bytes);
        _manifests[$"{repository}/{tag}"] = _manifests[$"{repository}/{digest}"] = (bytes, mediaType);
        return digest;
    }

    /// <summary>Adds a model in Docker's format.</summary>
    public Digest AddModel(string repository, string tag, params byte[][] weights) => AddModelWithConfig(repository, tag, FakeModel.Config(weights), weights);

    public Digest AddModelWithConfig(string repository, string tag, byte[] config, params byte[][] weights)
    {
        Add(config);
        foreach (byte[] layer in weights)
        {
            Add(layer);
        }

        return AddManifest(repository, tag, FakeModel.Manifest(MediaTypes.DockerConfig, config, weights), MediaTypes.OciManifest);
    }

    protected override async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? string.Empty;
        if (path is "/v2/" or "/v2")
        {
            await context.Response.WriteAsync("{}");
        }
        else if (Split(path, "/manifests/") is (string repository, string name))
        {
            await AnswerManifestAsync(context, repository, name);
        }
        else if (path.Contains("/blobs/uploads/", StringComparison.Ordinal))
        {
            await AnswerUploadAsync(context, path);
        }
        else if (Split(path, "/blobs/") is (_, string digest))
        {
            await AnswerBlobAsync(context, digest);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private static (string Repository, string Name)? Split(string path, string part)
    {
        int at = path.LastIndexOf(part, StringComparison.Ordinal);
        return at < 0 || !path.StartsWith("/v2/", StringComparison.Ordinal) ? null : (path[4..at], path[(at + part.Length)..]);
    }

    private async Task AnswerManifestAsync(HttpContext context, string repository, string name)
    {
        if (context.Request.Method == "PUT")
        {
            byte[] bytes = await ReadAsync(context.Request.Body);
            Digest digest = AddManifest(repository, name, bytes, context.Request.ContentType!);
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.Headers["Docker-Content-Digest"] = digest.ToString();
            return;
        }

        if (!_manifests.TryGetValue($"{repository}/{name}", out (byte[] Bytes, string MediaType) manifest))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("""{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}""");
            return;
        }

        context.Response.ContentType = manifest.MediaType;
        context.Response.ContentLength = manifest.Bytes.Length;
        context.Response.Headers["Docker-Content-Digest"] = Digest.Of(manifest.Bytes).ToString();
        await SendAsync(context, manifest.Bytes);
    }

    private async Task AnswerBlobAsync(HttpContext context, string digest)
    {
        HttpResponse response = context.Response;
        if (!_blobs.TryGetValue(digest, out byte[]? content))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (context.Request.Method == "HEAD")
        {
            response.ContentLength = content.Length;
            return;
        }

        await BeforeBlob(context);
        BlobFault fault = Fault;
        (long start, long end) = (0, content.Length);
        if (context.Request.GetTypedHeaders().Range?.Ranges.Single() is RangeItemHeaderValue range && !fault.IgnoresRanges)
        {
            if (fault.RefusesRanges)
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                return;
            }

            (start, end) = (range.From!.Value, range.To!.Value + 1);
            response.StatusCode = StatusCodes.Status206PartialContent;
            long shift = fault.SendsOtherRange ? 1 : 0;
            response.Headers.ContentRange = $"bytes {start - shift}-{end - 1 - shift}/{content.Length}";
        }

        byte[] body = content[(int)start..(int)end];
        if (fault.IsCorrupt)
        {
            body[body.Length / 2] ^= 1;
        }

        Array.Resize(ref body, body.Length + fault.ExtraBytes);
        response.ContentLength = fault.IsChunked ? null : body.Length;
        int length = fault.CutAfter is long cut && Interlocked.Increment(ref _cuts) <= fault.Cuts ? (int)Math.Min(cut, body.Length) : body.Length;
        for (int sent = 0; sent < length; sent += WriteBytes)
        {
            await SendAsync(context, body.AsMemory(sent, Math.Min(WriteBytes, length - sent)));
        }

        if (length < body.Length && fault.IsChunked)
        {
            throw new IOException("The answer is cut.");
        }
    }

    private async Task AnswerUploadAsync(HttpContext context, string path)
    {
        HttpResponse response = context.Response;
        string id = path[(path.LastIndexOf('/') + 1)..];
        IQueryCollection query = context.Request.Query;
        switch (context.Request.Method)
        {
            case "POST" when query["mount"].FirstOrDefault() is string mount && _blobs.ContainsKey(mount):
                response.StatusCode = StatusCodes.Status201Created;
                return;
            case "POST":
                id = Guid.NewGuid().ToString("N");
                _uploads[id] = new MemoryStream();
                response.StatusCode = StatusCodes.Status202Accepted;
                response.Headers.Location = path + id + "?state=0";
                return;
        }

        if (!_uploads.TryGetValue(id, out MemoryStream? upload))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (context.Request.Method is "PATCH" or "PUT" && context.Request.Headers.ContentRange.FirstOrDefault() is string range
            && long.Parse(range.Split('-')[0]) != upload.Length)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
        }
        else if (context.Request.Method == "GET")
        {
            response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await context.Request.Body.CopyToAsync(upload);
            response.StatusCode = StatusCodes.Status202Accepted;
            if (context.Request.Method == "PUT")
            {
                byte[] content = upload.ToArray();
                response.StatusCode = query["digest"] == Digest.Of(content).ToString() ? StatusCodes.Status201Created : StatusCodes.Status400BadRequest;
                if (response.StatusCode == StatusCodes.Status201Created)
                {
                    Add(content);
                }
            }
        }

        response.Headers.Location = $"{path}?state={upload.Length}";
        response.Headers.Range = $"0-{Math.Max(0, upload.Length - 1)}";
    }

    private static async Task<byte[]> ReadAsync(Stream body)
    {
        using MemoryStream bytes = new();
        await body.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
