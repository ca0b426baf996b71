using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Kills;

/// <summary>A model that is pulled, however often that is broken off, and then removed to be pulled again.</summary>
/// <param name="reference">The model, in a slow registry.</param>
/// <param name="id">Its ID.</param>
internal sealed class KilledPulls(string reference, string id) : KilledWork
{
    private bool _isThere;

    /// <summary>Pulls that have come to their end.</summary>
    public int Done { get; private set; }

    public override async Task StepAsync(HttpClient http)
    {
        if (_isThere)
        {
            _isThere = false;
            await SendAsync(http, HttpMethod.Delete, $"/models/{reference}");
        }

        string told = await SendAsync(http, HttpMethod.Post, "/models/create", new JsonObject { ["from"] = reference });
        Assert.Contains("\"success\"", told.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        _isThere = true;
        Done++;
    }

    public override async Task CheckAsync(HttpClient http)
    {
        JsonArray models = JsonNode.Parse(await SendAsync(http, HttpMethod.Get, "/models"))!.AsArray();
        JsonNode? found = models.SingleOrDefault(model => model!["tags"]!.AsArray().Any(tag => tag!.GetValue<string>() == reference));
        Assert.True(found is not null || !_isThere, "A model is gone.");
        if (found is not null)
        {
            Assert.Equal(id, found["id"]!.GetValue<string>());
            JsonObject question = new() { ["model"] = reference, ["max_tokens"] = 1, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello" }) };
            await SendAsync(http, HttpMethod.Post, "/v1/chat/completions", question);
        }

        // It may have come to its end without anybody having been told.
        Done += found is not null && !_isThere ? 1 : 0;
        _isThere = found is not null;
    }
}
