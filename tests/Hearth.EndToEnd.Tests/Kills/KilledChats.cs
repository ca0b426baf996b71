using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Kills;

/// <summary>Answers, whole and streamed.</summary>
/// <param name="model">The model.</param>
/// <param name="expected">What it says.</param>
internal sealed class KilledChats(string model, string expected) : KilledWork
{
    public const string Question = "How do I stream an answer?";

    public override Task StepAsync(HttpClient http) => CheckAsync(http);

    public override async Task CheckAsync(HttpClient http) => Assert.Equal(expected, await AskAsync(http, model));

    /// <summary>What a model says.</summary>
    public static async Task<string> AskAsync(HttpClient http, string model)
    {
        JsonObject body = new() { ["model"] = model, ["temperature"] = 0, ["max_tokens"] = 24, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Question }) };
        return JsonNode.Parse(await SendAsync(http, HttpMethod.Post, "/v1/chat/completions", body))!["choices"]![0]!["message"]!["content"]!.GetValue<string>();
    }
}
