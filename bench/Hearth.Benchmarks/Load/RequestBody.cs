using System.Buffers;
using System.Text.Json;

namespace Hearth.Benchmarks.Load;

/// <summary>Writes a request as JSON: streamed, greedy, of exactly the wanted length.</summary>
internal static class RequestBody
{
    public static byte[] Write(LoadRequest request, CompletionApi api, string? model)
    {
        ArrayBufferWriter<byte> body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            if (model is not null)
            {
                json.WriteString("model"u8, model);
            }

            if (api == CompletionApi.Chat)
            {
                WriteMessages(json, request);
            }
            else
            {
                json.WriteStartArray("prompt"u8);
                foreach (int token in request.Shared.Concat(request.Prompt))
                {
                    json.WriteNumberValue(token);
                }

                json.WriteEndArray();
            }

            json.WriteNumber("max_tokens"u8, request.AnswerTokens);
            json.WriteBoolean("ignore_eos"u8, true);
            json.WriteNumber("temperature"u8, 0);
            json.WriteBoolean("stream"u8, true);
            json.WriteStartObject("stream_options"u8);
            json.WriteBoolean("include_usage"u8, true);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static void WriteMessages(Utf8JsonWriter json, LoadRequest request)
    {
        json.WriteStartArray("messages"u8);
        if (request.Shared.Count > 0)
        {
            WriteMessage(json, "system", request.Shared);
        }

        WriteMessage(json, "user", request.Prompt);
        json.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter json, string role, IReadOnlyList<int> words)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteString("content"u8, ChatWords.Text(words));
        json.WriteEndObject();
    }
}
