using System.Globalization;
using System.Text.Json.Nodes;
using Hearth.Server.Hosting;

namespace Hearth.EndToEnd.Tests.Kills;

/// <summary>Two settings that are changed together, to ever higher values.</summary>
internal sealed class KilledSettings : KilledWork
{
    private const int Seconds = 1000;
    private int _kept;
    private int _next;

    public override async Task StepAsync(HttpClient http)
    {
        int value = ++_next;
        JsonObject change = new() { ["model"] = "guide", ["keep_alive"] = $"{Seconds + value}s", ["runtime-flags"] = new JsonArray("--top-k", value.ToString(CultureInfo.InvariantCulture)) };
        await SendAsync(http, HttpMethod.Post, "/engines/_configure", change, status: 202);
        _kept = value;
    }

    public override async Task CheckAsync(HttpClient http)
    {
        JsonArray settings = JsonNode.Parse(await SendAsync(http, HttpMethod.Get, "/engines/_configure?model=guide"))![0]!["Config"]!["settings"]!.AsArray();
        JsonNode Find(string name) => settings.Single(setting => setting!["name"]!.GetValue<string>() == name)!;
        bool isSet = Find("top-k")["origin"]!.GetValue<string>() == "settings";
        int found = isSet ? int.Parse(Find("top-k")["value"]!.GetValue<string>(), CultureInfo.InvariantCulture) : 0;
        Assert.InRange(found, _kept, _next);
        if (isSet)
        {
            Assert.Equal(TimeSpan.FromSeconds(Seconds + found), KeepAlive.Parse(Find("keep-alive")["value"]!.GetValue<string>()));
        }

        _kept = found;
    }
}
