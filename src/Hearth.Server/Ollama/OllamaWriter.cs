using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary>Writes JSON and times as Go does.</summary>
internal static class OllamaWriter
{
    public const string JsonType = "application/json; charset=utf-8";
    private static readonly SearchValues<byte> s_escaped = SearchValues.Create("<>&"u8);

    /// <summary>The bytes of a value. Go escapes three characters that others leave as they are; outside of texts they do not occur.</summary>
    public static byte[] Encode<T>(T value, JsonTypeInfo<T> type)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        if (!json.AsSpan().ContainsAny(s_escaped))
        {
            return json;
        }

        ArrayBufferWriter<byte> escaped = new(json.Length + 64);
        ReadOnlySpan<byte> rest = json;
        for (int at; (at = rest.IndexOfAny(s_escaped)) >= 0; rest = rest[(at + 1)..])
        {
            escaped.Write(rest[..at]);
            escaped.Write(rest[at] switch
            {
                (byte)'<' => "\\u003c"u8,
                (byte)'>' => "\\u003e"u8,
                _ => "\\u0026"u8,
            });
        }

        escaped.Write(rest);
        return escaped.WrittenSpan.ToArray();
    }

    /// <summary>Answers with a value.</summary>
    public static async Task AnswerAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, string contentType = JsonType)
    {
        byte[] json = Encode(value, type);
        context.Response.ContentType = contentType;
        context.Response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(json, context.RequestAborted);
        }
    }

    /// <summary>A time (RFC 3339) without zeros at the end of its fraction.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>A duration in nanoseconds.</summary>
    public static long Duration(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
