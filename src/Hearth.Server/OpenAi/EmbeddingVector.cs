using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hearth.Server.OpenAi;

/// <summary>A vector, and whether it is written as numbers or as the base64 of its little-endian float32 values.</summary>
internal sealed record EmbeddingVector(float[] Values, bool AsBase64);

/// <summary>Writes a vector.</summary>
internal sealed class EmbeddingVectorConverter : JsonConverter<EmbeddingVector>
{
    public override EmbeddingVector Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, EmbeddingVector value, JsonSerializerOptions options)
    {
        if (value.AsBase64)
        {
            writer.WriteBase64StringValue(MemoryMarshal.AsBytes(value.Values.AsSpan()));
            return;
        }

        writer.WriteStartArray();
        foreach (float element in value.Values)
        {
            writer.WriteNumberValue(element);
        }

        writer.WriteEndArray();
    }
}
