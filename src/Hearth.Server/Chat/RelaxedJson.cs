using System.Text.Encodings.Web;
using System.Text.Json;

namespace Hearth.Server.Chat;

/// <summary>JSON for models: characters as they are, not as escapes.</summary>
internal static class RelaxedJson
{
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
