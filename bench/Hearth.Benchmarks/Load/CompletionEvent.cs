using System.Text;
using System.Text.Json;

namespace Hearth.Benchmarks.Load;

/// <summary>What the load generator wants to know of one event of <c>/v1/completions</c> or <c>/v1/chat/completions</c>.</summary>
internal struct CompletionEvent
{
    private const int ExcerptLength = 80;

    /// <summary>Whether it brings text: one token or several.</summary>
    public bool HasText;

    /// <summary>Whether it says why the answer ended.</summary>
    public bool HasFinishReason;

    /// <summary>Whether it is the <c>[DONE]</c> at the end.</summary>
    public bool IsDone;

    /// <summary>The server's message, where the event is an error.</summary>
    public string? Error;

    public int? PromptTokens;
    public int? AnswerTokens;

    /// <summary>Prompt tokens from the cache: the usage's <c>cached_tokens</c>, or llama-server's <c>timings.cache_n</c>.</summary>
    public int? CachedTokens;

    private bool _isKnown;

    /// <summary>Reads an event's data, without building a document.</summary>
    /// <exception cref="BrokenEventException">It is not JSON, or not of a completion.</exception>
    public static CompletionEvent Parse(ReadOnlySpan<byte> data)
    {
        CompletionEvent result = default;
        if (data.SequenceEqual("[DONE]"u8))
        {
            result.IsDone = true;
            return result;
        }

        try
        {
            Utf8JsonReader reader = new(data);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                result.ReadRoot(ref reader);
                reader.Read();
            }
        }
        catch (JsonException)
        {
            throw new BrokenEventException($"no JSON: {Excerpt(data)}");
        }

        return result._isKnown ? result : throw new BrokenEventException($"neither choices nor usage: {Excerpt(data)}");
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        while (NextProperty(ref reader))
        {
            if (Is(ref reader, "choices"u8, JsonTokenType.StartArray))
            {
                _isKnown = true;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    ReadChoice(ref reader);
                }
            }
            else if (Is(ref reader, "usage"u8, JsonTokenType.StartObject))
            {
                _isKnown = true;
                ReadUsage(ref reader);
            }
            else if (Is(ref reader, "timings"u8, JsonTokenType.StartObject))
            {
                CachedTokens ??= ReadNumber(ref reader, "cache_n"u8);
            }
            else if (Is(ref reader, "error"u8, JsonTokenType.StartObject))
            {
                _isKnown = true;
                ReadError(ref reader);
            }
            else if (Is(ref reader, "error"u8, JsonTokenType.String))
            {
                _isKnown = true;
                Error = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadChoice(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (NextProperty(ref reader))
        {
            if (Is(ref reader, "delta"u8, JsonTokenType.StartObject))
            {
                while (NextProperty(ref reader))
                {
                    bool text = Is(ref reader, "content"u8, JsonTokenType.String)
                        || Is(ref reader, "reasoning_content"u8, JsonTokenType.String);
                    HasText |= text && !reader.ValueSpan.IsEmpty;
                    reader.Skip();
                }
            }
            else
            {
                HasText |= Is(ref reader, "text"u8, JsonTokenType.String) && !reader.ValueSpan.IsEmpty;
                HasFinishReason |= Is(ref reader, "finish_reason"u8, JsonTokenType.String);
                reader.Skip();
            }
        }
    }

    private void ReadUsage(ref Utf8JsonReader reader)
    {
        while (NextProperty(ref reader))
        {
            if (Is(ref reader, "prompt_tokens"u8, JsonTokenType.Number))
            {
                PromptTokens = Number(ref reader);
            }
            else if (Is(ref reader, "completion_tokens"u8, JsonTokenType.Number))
            {
                AnswerTokens = Number(ref reader);
            }
            else if (Is(ref reader, "prompt_tokens_details"u8, JsonTokenType.StartObject))
            {
                CachedTokens = ReadNumber(ref reader, "cached_tokens"u8) ?? CachedTokens;
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadError(ref Utf8JsonReader reader)
    {
        Error = "an error without a message";
        while (NextProperty(ref reader))
        {
            if (Is(ref reader, "message"u8, JsonTokenType.String))
            {
                Error = reader.GetString();
            }

            reader.Skip();
        }
    }

    private static int? ReadNumber(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        int? value = null;
        while (NextProperty(ref reader))
        {
            value = Is(ref reader, name, JsonTokenType.Number) ? Number(ref reader) : value;
            reader.Skip();
        }

        return value;
    }

    private static int? Number(ref Utf8JsonReader reader) => reader.TryGetInt32(out int value) ? value : null;

    // The reader stands on a property's name until Is moves on to the value: every branch that ends in Skip leaves the value behind.
    private static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, JsonTokenType type)
    {
        if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(name))
        {
            return false;
        }

        Utf8JsonReader value = reader;
        value.Read();
        if (value.TokenType != type)
        {
            return false;
        }

        reader = value;
        return true;
    }

    private static string Excerpt(ReadOnlySpan<byte> data) => Encoding.UTF8.GetString(data[..Math.Min(data.Length, ExcerptLength)]);
}
