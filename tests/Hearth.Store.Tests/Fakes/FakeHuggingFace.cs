using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Hearth.Store.References;
using Hearth.Store.Registries.HuggingFace;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Hearth.Store.Tests.Fakes;

/// <summary>Hugging Face with one repository, whose faults a test chooses.</summary>
internal sealed class FakeHuggingFace : FakeServer
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const int WriteBytes = 16 * 1024;
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<JsonObject> _listed = new();
    private int _cuts;

    private FakeHuggingFace()
    {
    }

    public string Repository { get; set; } = "Owner/Repo-GGUF";

    public DateTimeOffset LastModified { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>What the model's <c>gated</c> is.</summary>
    public JsonNode Gated { get; set; } = false;

    /// <summary>The token that files are given for; null for everybody.</summary>
    public string? FileToken { get; set; }

    /// <summary>Branches and tags, and their commits.</summary>
    public Dictionary<string, string> Revisions { get; } = new() { ["main"] = Commit };

    /// <summary>Entries on a page of the tree.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Where contents are sent from; null for from here.</summary>
    public FakeServer? Cdn { get; set; }

    public BlobFault Fault { get; set; } = new();

    public static async Task<FakeHuggingFace> StartAsync()
    {
        FakeHuggingFace hub = new();
        await hub.ListenAsync();
        return hub;
    }

    public byte[] Add(string path, byte[] content)
    {
        _files[path] = content;
        return content;
    }

    public byte[] Add(string path, string content) => Add(path, System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>Lists an entry as it is, whatever it says.</summary>
    public void List(string path, long size, string oid, string? lfs) => _listed.Enqueue(Entry(path, size, oid, lfs));

    /// <summary>Sends a content as the CDN does.</summary>
    public Task SendFileAsync(HttpContext context, string path) => SendContentAsync(context, _files[path]);

    protected override async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? string.Empty;
        if (path.StartsWith("/api/models/", StringComparison.Ordinal))
        {
            await AnswerApiAsync(context, path["/api/models/".Length..]);
            return;
        }

        string prefix = $"/{Repository}/resolve/{Commit}/";
        if (!path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) || !_files.ContainsKey(path[prefix.Length..]))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (FileToken is not null && context.Request.Headers.Authorization != $"Bearer {FileToken}")
        {
            context.Response.StatusCode = context.Request.Headers.Authorization.Count == 0 ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
            context.Response.Headers["X-Error-Code"] = "GatedRepo";
        }
        else if (Cdn is not null && path.EndsWith(".gguf", StringComparison.Ordinal))
        {
            context.Response.Redirect($"{Cdn.Address}cdn/{Uri.EscapeDataString(path[prefix.Length..])}?signature=secret");
        }
        else
        {
            await SendContentAsync(context, _files[path[prefix.Length..]]);
        }
    }

    private static JsonObject Entry(string path, long size, string oid, string? lfs)
    {
        JsonObject entry = new() { ["type"] = "file", ["oid"] = oid, ["size"] = size, ["path"] = path };
        if (lfs is not null)
        {
            entry["lfs"] = new JsonObject { ["oid"] = lfs, ["size"] = size, ["pointerSize"] = 134 };
        }

        return entry;
    }

    private async Task AnswerApiAsync(HttpContext context, string path)
    {
        if (!path.StartsWith(Repository + "/", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers["X-Error-Code"] = "RepoNotFound";
            return;
        }

        // A name in another case is redirected, as Hugging Face does.
        if (!path.StartsWith(Repository + "/", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = $"/api/models/{Repository}{path[Repository.Length..]}{context.Request.QueryString}";
            return;
        }

        switch (path[(Repository.Length + 1)..].Split('/'))
        {
            case ["revision", .. var revision] when Revisions.TryGetValue(Uri.UnescapeDataString(string.Join('/', revision)), out string? commit):
                await context.Response.WriteAsync(new JsonObject
                {
                    ["id"] = Repository,
                    ["sha"] = commit,
                    ["lastModified"] = LastModified.ToString("O"),
                    ["gated"] = Gated.DeepClone(),
                    ["siblings"] = new JsonArray(),
                }.ToJsonString());
                break;
            case ["tree", Commit]:
                await AnswerTreeAsync(context);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                context.Response.Headers["X-Error-Code"] = "RevisionNotFound";
                break;
        }
    }

    private async Task AnswerTreeAsync(HttpContext context)
    {
        JsonObject[] entries =
        [
            .. _files.Keys.Where(path => path.Contains('/')).Select(path => path[..path.IndexOf('/')]).Distinct().Select(folder => new JsonObject { ["type"] = "directory", ["path"] = folder, ["size"] = 0, ["oid"] = "0" }),
            .. _files.Select(file => Entry(file.Key, file.Value.Length, HubClient.GitId(file.Value), file.Key.EndsWith(".gguf", StringComparison.Ordinal) ? Digest.Of(file.Value).Hex : null)),
            .. _listed.Select(entry => (JsonObject)entry.DeepClone()),
        ];
        int start = int.Parse(context.Request.Query["cursor"].FirstOrDefault() ?? "0");
        if (start + PageSize < entries.Length)
        {
            context.Response.Headers.Link = $"<{Address}api/models/{Repository}/tree/{Commit}?recursive=true&cursor={start + PageSize}>; rel=\"next\"";
        }

        await context.Response.WriteAsync(new JsonArray([.. entries.Skip(start).Take(PageSize)]).ToJsonString());
    }

    private async Task SendContentAsync(HttpContext context, byte[] content)
    {
        HttpResponse response = context.Response;
        (int start, int end) = (0, content.Length);
        if (context.Request.GetTypedHeaders().Range?.Ranges.Single() is RangeItemHeaderValue range)
        {
            (start, end) = ((int)range.From!.Value, (int)range.To!.Value + 1);
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {start}-{end - 1}/{content.Length}";
        }

        byte[] body = content[start..end];
        if (Fault.IsCorrupt)
        {
            body[^1] ^= 1;
        }

        response.ContentLength = body.Length;
        int length = Fault.CutAfter is long cut && Interlocked.Increment(ref _cuts) <= Fault.Cuts ? (int)Math.Min(cut, body.Length) : body.Length;
        for (int sent = 0; sent < length; sent += WriteBytes)
        {
            await SendAsync(context, body.AsMemory(sent, Math.Min(WriteBytes, length - sent)));
        }
    }
}
