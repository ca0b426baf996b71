using Hearth.Server.Access;
using Hearth.Server.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.Files;

/// <summary>OpenAI's <c>/v1/files</c>.</summary>
/// <param name="files">The files.</param>
/// <param name="limits">How large they may be.</param>
/// <param name="userOf">The unfinished batch that reads a file; null for none.</param>
internal sealed class FileRoutes(FileFolder files, FileLimits limits, Func<string, string?> userOf)
{
    private const int MaxPage = 10_000;
    private static readonly string[] s_purposes = ["batch", "user_data"];
    private static readonly string[] s_others = ["assistants", "fine-tune", "vision", "evals"];

    public void Map(IEndpointRouteBuilder routes, string prefix)
    {
        routes.MapPost(prefix + "/files", CreateAsync);
        routes.MapGet(prefix + "/files", ListAsync);
        routes.MapGet(prefix + "/files/{id}", GetAsync);
        routes.MapGet(prefix + "/files/{id}/content", ReadAsync);
        routes.MapDelete(prefix + "/files/{id}", DeleteAsync);
    }

    /// <summary>The error for a file that is not there, or that somebody else has.</summary>
    public static ApiException NotFound(string id, string parameter) => new(404, "invalid_request_error", $"No such file: '{id}'.", parameter, "file_not_found");

    private async Task CreateAsync(HttpContext context)
    {
        using FileUpload upload = await FileUpload.ReadAsync(context, files, limits.MaxFileBytes, context.RequestAborted);
        string purpose = ReadPurpose(upload.Field("purpose"));
        TimeSpan? lifetime = upload.ReadLifetime();
        upload.End();
        FileRecord record = new(FileFolder.NewId(), upload.Filename, purpose, 0, 0, null, RequestOwner.Of(context));
        await WriteAsync(context, files.Add(upload.Path, record, lifetime));
    }

    private Task ListAsync(HttpContext context)
    {
        string? purpose = context.Request.Query["purpose"];
        IReadOnlyList<FileRecord> all = [.. files.List(RequestOwner.Of(context)).Where(record => string.IsNullOrEmpty(purpose) || record.Purpose == purpose)];
        (IReadOnlyList<FileRecord> page, bool hasMore) = ListPage.Cut(all, context.Request, record => record.Id, MaxPage, MaxPage);
        FileList list = new([.. page.Select(FileObject.Of)], page is [var first, ..] ? first.Id : null, page is [.., var last] ? last.Id : null, hasMore);
        return context.Response.WriteAsJsonAsync(list, FileJson.Web.FileList, cancellationToken: context.RequestAborted);
    }

    private Task GetAsync(HttpContext context) => WriteAsync(context, Find(context));

    private async Task ReadAsync(HttpContext context)
    {
        FileRecord record = Find(context);
        await using FileStream content = files.TryOpen(record.Id) ?? throw NotFound(record.Id, "file_id");
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = content.Length;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private Task DeleteAsync(HttpContext context)
    {
        FileRecord record = Find(context);
        if (userOf(record.Id) is string batch)
        {
            throw ApiException.Invalid($"The file '{record.Id}' is being read by the batch '{batch}'. Cancel that first, or wait for its end.", "file_id", "file_in_use");
        }

        files.Remove(record.Id);
        return context.Response.WriteAsJsonAsync(new FileDeleted(record.Id), FileJson.Web.FileDeleted, cancellationToken: context.RequestAborted);
    }

    private FileRecord Find(HttpContext context)
    {
        string id = context.GetRouteValue("id") as string ?? string.Empty;
        return files.Find(id, RequestOwner.Of(context)) ?? throw NotFound(id, "file_id");
    }

    private static Task WriteAsync(HttpContext context, FileRecord record) =>
        context.Response.WriteAsJsonAsync(FileObject.Of(record), FileJson.Web.FileObject, cancellationToken: context.RequestAborted);

    private static string ReadPurpose(string? purpose)
    {
        const string Name = "purpose";
        return purpose switch
        {
            null => throw ApiException.Invalid($"'{Name}' is missing: what the file is for.", Name, "missing_required_parameter"),
            _ when s_purposes.Contains(purpose) => purpose,
            _ when s_others.Contains(purpose) => throw ApiException.Unsupported(Name, $"'{Name}' is '{purpose}', for which nothing here uses files. Use 'batch' or 'user_data'."),
            _ => throw ApiException.Invalid($"'{Name}' is '{purpose}'; expected 'batch' or 'user_data'.", Name, "invalid_value"),
        };
    }
}
