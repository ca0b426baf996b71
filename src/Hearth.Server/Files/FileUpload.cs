using System.Globalization;
using System.Text;
using Hearth.Server.Errors;
using Hearth.Store.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Hearth.Server.Files;

/// <summary>Reads the form that a file comes in, part by part: the file goes straight to the drive.</summary>
internal sealed class FileUpload : IDisposable
{
    private const int MaxFieldBytes = 1024;
    private const int MaxBoundaryLength = 200;
    private const int MaxNameLength = 255;

    // Of a form, around the file.
    private const long MaxFormBytes = 1 << 20;
    private readonly string _temporary;
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private string? _name;

    private FileUpload(string temporary) => _temporary = temporary;

    /// <summary>Where the content is; it goes with this object, unless somebody has moved it.</summary>
    public string Path => _temporary;

    /// <summary>What the client calls the file.</summary>
    public string Filename => _name ?? throw ApiException.Invalid("'file' is missing: the file to keep.", "file", "missing_required_parameter");

    /// <summary>Reads a request's form.</summary>
    /// <exception cref="ApiException">It is not a form, or the file is too large.</exception>
    /// <exception cref="StoreException">The file system refuses.</exception>
    public static async Task<FileUpload> ReadAsync(HttpContext context, FileFolder folder, long maxBytes, CancellationToken cancellationToken)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maxBytes + MaxFormBytes;
        }

        MultipartReader reader = new(BoundaryOf(context.Request), context.Request.Body);
        FileUpload upload = new(folder.NewTemporary());
        try
        {
            while (await reader.ReadNextSectionAsync(cancellationToken) is MultipartSection section)
            {
                await upload.TakeAsync(section, maxBytes, cancellationToken);
            }

            return upload;
        }
        catch (Exception exception) when (exception is InvalidDataException || exception.GetType() == typeof(IOException))
        {
            upload.Dispose();
            throw ApiException.Invalid($"The request's form is broken: {exception.Message}", null, "invalid_form");
        }
        catch
        {
            upload.Dispose();
            throw;
        }
    }

    /// <summary>A field of the form; null where it is not there.</summary>
    public string? Field(string name) => _fields.Remove(name, out string? value) ? value : null;

    /// <summary>How long the file is to stay, by <c>expires_after</c>; null for ever.</summary>
    /// <exception cref="ApiException">It makes no sense.</exception>
    public TimeSpan? ReadLifetime()
    {
        const string Anchor = "expires_after[anchor]";
        const string Seconds = "expires_after[seconds]";
        string? anchor = Field(Anchor);
        string? seconds = Field(Seconds);
        return anchor is null && seconds is null ? null
            : Lifetime.Read(anchor, long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null, Anchor, Seconds);
    }

    /// <summary>Refuses fields that nobody has read.</summary>
    public void End()
    {
        if (_fields.Keys.FirstOrDefault() is string name)
        {
            throw ApiException.Unsupported(name, $"Unrecognized field of the form: {name}. Remove it.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => FileFolder.TryDelete(_temporary);

    private static string BoundaryOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= MaxBoundaryLength } boundary
            ? boundary
            : throw ApiException.Invalid("Send the file as multipart/form-data, with its fields 'purpose' and 'file'.", null, "invalid_form");

    private async Task TakeAsync(MultipartSection section, long maxBytes, CancellationToken cancellationToken)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition)
            || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
        {
            throw ApiException.Invalid("A part of the form has no name.", null, "invalid_form");
        }

        bool isFile = name == "file";
        if (isFile ? _name is not null : _fields.ContainsKey(name))
        {
            throw ApiException.Invalid($"'{name}' is in the form twice.", name, "invalid_form");
        }

        if (isFile)
        {
            string? given = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
            _name = Clean(given);
            await SaveAsync(section.Body, maxBytes, cancellationToken);
        }
        else
        {
            _fields.Add(name, await ReadFieldAsync(name, section.Body, cancellationToken));
        }
    }

    // Clients may send paths of their own machines.
    private static string Clean(string? given)
    {
        string name = string.Concat((given ?? string.Empty).Where(character => !char.IsControl(character)));
        name = name[(name.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        return name.Length == 0 ? "file" : name.Length > MaxNameLength ? name[..MaxNameLength] : name;
    }

    private static async Task<string> ReadFieldAsync(string name, Stream body, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[MaxFieldBytes + 1];
        int length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxFieldBytes ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw ApiException.Invalid($"'{name}' has more than {MaxFieldBytes} bytes.", name, "invalid_value");
    }

    private async Task SaveAsync(Stream body, long maxBytes, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[128 << 10];
        long total = 0;
        FileStream? file = null;
        RecordFile.Guard(_temporary, () => file = RecordFile.OpenToWrite(_temporary, FileMode.CreateNew));
        await using (file)
        {
            for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                total += read;
                if (total > maxBytes)
                {
                    throw new ApiException(413, "invalid_request_error", $"The file has more than {maxBytes} bytes, which files may have here.", "file", "file_too_large");
                }

                await WriteAsync(file!, buffer.AsMemory(0, read), cancellationToken);
            }

            RecordFile.Guard(_temporary, () => file!.Flush(flushToDisk: true));
        }
    }

    private static async Task WriteAsync(FileStream file, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await file.WriteAsync(bytes, cancellationToken);
        }
        catch (Exception exception) when (StoreException.For(exception, file.Name) is StoreException error)
        {
            throw error;
        }
    }
}
