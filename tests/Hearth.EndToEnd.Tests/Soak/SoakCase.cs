using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Soak;

/// <summary>A request whose answer is the same whatever else the server does.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Path">Where it is sent.</param>
/// <param name="Body">What is sent.</param>
/// <param name="End">What the last line of a whole answer has; null for an answer that is one object.</param>
internal sealed record SoakCase(string Name, string Path, JsonObject Body, string? End = null)
{
    // What of an answer is the model's; the rest are identities, times and counts.
    private static readonly HashSet<string> s_said = new(StringComparer.Ordinal)
    {
        "content", "text", "response", "arguments", "thinking", "reasoning_content", "delta", "partial_json", "finish_reason", "stop_reason", "done_reason", "embedding", "embeddings",
    };

    public HttpRequestMessage Request() => new(HttpMethod.Post, Path) { Content = new StringContent(Body.ToJsonString(), Encoding.UTF8, "application/json") };

    /// <summary>What the model says in a whole answer.</summary>
    /// <exception cref="FormatException">The answer is not whole.</exception>
    public string Read(string answer)
    {
        string[] lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (End is not null && (lines.Length == 0 || !lines[^1].Contains(End, StringComparison.Ordinal)))
        {
            throw new FormatException($"the stream ends without {End}");
        }

        StringBuilder said = new();
        foreach (string line in End is null ? [answer] : lines.Select(line => line.StartsWith("data: ", StringComparison.Ordinal) ? line["data: ".Length..] : line).Where(line => line.StartsWith('{')))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            Collect(document.RootElement, said);
        }

        return said.Length > 0 ? said.ToString() : throw new FormatException("the answer says nothing");
    }

    private static void Collect(JsonElement element, StringBuilder said)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                Collect(item, said);
            }
        }

        foreach (JsonProperty member in element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : default)
        {
            bool isText = member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number;
            if (s_said.Contains(member.Name) && (isText || member.Name.StartsWith("embedding", StringComparison.Ordinal)))
            {
                said.Append(isText && member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : member.Value.GetRawText());
            }
            else if (!isText)
            {
                Collect(member.Value, said);
            }
        }
    }
}
