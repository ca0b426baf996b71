using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hearth.Server.Files;
using Hearth.Store.Storage;

namespace Hearth.Server.Batches;

/// <summary>
/// Answers and failures of a batch while it runs, each a line of a file. A line is there when it is whole: what was being written when a
/// process ended is cut off.
/// </summary>
internal sealed class BatchOutput : IDisposable
{
    private const int MaxLineBytes = 1 << 30;
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly FileStream _answers;
    private readonly FileStream _failures;
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);

    private BatchOutput(FileStream answers, FileStream failures)
    {
        _answers = answers;
        _failures = failures;
    }

    /// <summary>Lines that have been answered.</summary>
    public int Completed { get; private set; }

    /// <summary>Lines that have failed.</summary>
    public int Failed { get; private set; }

    /// <summary>What the answers took.</summary>
    public BatchTokens Tokens { get; private set; }

    /// <summary>Opens what there is of a batch.</summary>
    /// <exception cref="StoreException">The file system refuses.</exception>
    public static async Task<BatchOutput> OpenAsync(BatchFolder folder, string id, CancellationToken cancellationToken)
    {
        static FileStream Open(string path)
        {
            FileStream? file = null;
            RecordFile.Guard(path, () => file = RecordFile.OpenToWrite(path, FileMode.OpenOrCreate));
            return file!;
        }

        BatchOutput output = new(Open(folder.OutputOf(id)), Open(folder.ErrorsOf(id)));
        try
        {
            output.Completed = await output.RecoverAsync(output._answers, cancellationToken);
            output.Failed = await output.RecoverAsync(output._failures, cancellationToken);
            return output;
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }

    /// <summary>Whether a line is done.</summary>
    public bool Has(string customId)
    {
        lock (_done)
        {
            return _done.Contains(customId);
        }
    }

    /// <summary>Writes what became of a line.</summary>
    /// <exception cref="StoreException">The file system refuses.</exception>
    public Task AddAsync(string customId, BatchAnswer answer)
    {
        bool isFailure = answer.Status is < 200 or >= 300;
        ArrayBufferWriter<byte> line = new(answer.Body.Length + 256);
        using (Utf8JsonWriter writer = new(line, s_options))
        {
            BeginLine(writer, customId);
            writer.WriteStartObject("response");
            writer.WriteNumber("status_code", answer.Status);
            writer.WriteString("request_id", answer.RequestId);
            writer.WritePropertyName("body");
            WriteBody(writer, answer.Body);
            writer.WriteEndObject();
            writer.WriteNull("error");
            writer.WriteEndObject();
        }

        return WriteAsync(isFailure ? _failures : _answers, customId, line, isFailure ? default : TokensOf(answer.Body));
    }

    /// <summary>Writes that a line was not answered.</summary>
    /// <exception cref="StoreException">The file system refuses.</exception>
    public Task AddErrorAsync(string customId, string code, string message)
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter writer = new(line, s_options))
        {
            BeginLine(writer, customId);
            writer.WriteNull("response");
            writer.WriteStartObject("error");
            writer.WriteString("code", code);
            writer.WriteString("message", message);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return WriteAsync(_failures, customId, line, default);
    }

    /// <summary>Returns when everything is on the drive.</summary>
    /// <exception cref="StoreException">The file system refuses.</exception>
    public void Flush()
    {
        RecordFile.Guard(_answers.Name, () => _answers.Flush(flushToDisk: true));
        RecordFile.Guard(_failures.Name, () => _failures.Flush(flushToDisk: true));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _answers.Dispose();
        _failures.Dispose();
        _turn.Dispose();
    }

    private static void BeginLine(Utf8JsonWriter writer, string customId)
    {
        writer.WriteStartObject();
        writer.WriteString("id", $"batch_req_{Guid.NewGuid():N}");
        writer.WriteString("custom_id", customId);
    }

    // Written anew, so that a line has no line breaks.
    private static void WriteBody(Utf8JsonWriter writer, ReadOnlyMemory<byte> body)
    {
        using JsonDocument? document = TryParse(body);
        if (document is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            document.RootElement.WriteTo(writer);
        }
    }

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static BatchTokens TokensOf(ReadOnlyMemory<byte> body)
    {
        using JsonDocument? document = TryParse(body);
        return document is null ? default : TokensOf(document.RootElement);
    }

    private static BatchTokens TokensOf(JsonElement body)
    {
        static JsonElement Get(JsonElement element, string one, string other) =>
            element.ValueKind != JsonValueKind.Object ? default
            : element.TryGetProperty(one, out JsonElement value) || element.TryGetProperty(other, out value) ? value
            : default;
        static long Number(JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long number) ? number : 0;
        JsonElement usage = Get(body, "usage", "usage");
        return new BatchTokens(
            Number(Get(usage, "input_tokens", "prompt_tokens")),
            Number(Get(Get(usage, "input_tokens_details", "prompt_tokens_details"), "cached_tokens", "cached_tokens")),
            Number(Get(usage, "output_tokens", "completion_tokens")),
            Number(Get(Get(usage, "output_tokens_details", "completion_tokens_details"), "reasoning_tokens", "reasoning_tokens")));
    }

    private async Task<int> RecoverAsync(FileStream file, CancellationToken cancellationToken)
    {
        int lines = 0;
        long end = 0;
        await foreach (JsonLine line in JsonLines.ReadAsync(file, MaxLineBytes, cancellationToken))
        {
            using JsonDocument? document = line is { IsWhole: true, Bytes: not null } ? TryParse(line.Content) : null;
            if (document?.RootElement is not { ValueKind: JsonValueKind.Object } root
                || !root.TryGetProperty("custom_id", out JsonElement id) || id.GetString() is not string customId)
            {
                break;
            }

            lines++;
            end = line.End;
            _done.Add(customId);
            if (root.TryGetProperty("response", out JsonElement response) && response.ValueKind == JsonValueKind.Object && file == _answers)
            {
                Tokens += TokensOf(response.GetProperty("body"));
            }
        }

        RecordFile.Guard(file.Name, () =>
        {
            file.SetLength(end);
            file.Position = end;
        });
        return lines;
    }

    private async Task WriteAsync(FileStream file, string customId, ArrayBufferWriter<byte> line, BatchTokens tokens)
    {
        line.Write("\n"u8);
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            await file.WriteAsync(line.WrittenMemory, CancellationToken.None);
            Completed += file == _answers ? 1 : 0;
            Failed += file == _failures ? 1 : 0;
            Tokens += tokens;
            lock (_done)
            {
                _done.Add(customId);
            }
        }
        catch (Exception exception) when (StoreException.For(exception, file.Name) is StoreException error)
        {
            throw error;
        }
        finally
        {
            _turn.Release();
        }
    }
}

/// <summary>What a route answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="RequestId">The request's ID.</param>
/// <param name="RetryAfter">When another try may succeed; null for never.</param>
internal readonly record struct BatchAnswer(int Status, ReadOnlyMemory<byte> Body, string RequestId, TimeSpan? RetryAfter);
