using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Kills;

/// <summary>Names that a stored model gets and loses.</summary>
/// <param name="model">The model.</param>
internal sealed class KilledTags(string model) : KilledWork
{
    private const string Repository = "docker.io/kills/tag";
    private const int Most = 5;
    private readonly Queue<string> _kept = new();
    private string? _coming;
    private string? _going;
    private int _next;

    public override async Task StepAsync(HttpClient http)
    {
        _coming = $"v{_next++}";
        await SendAsync(http, HttpMethod.Post, $"/models/{model}/tag?repo={Repository}&tag={_coming}", status: 201);
        _kept.Enqueue(_coming);
        _coming = null;
        if (_kept.Count > Most)
        {
            _going = _kept.Dequeue();
            await SendAsync(http, HttpMethod.Delete, $"/models/{Repository}:{_going}");
            _going = null;
        }
    }

    public override async Task CheckAsync(HttpClient http)
    {
        JsonArray models = JsonNode.Parse(await SendAsync(http, HttpMethod.Get, "/models"))!.AsArray();
        string[] found = [.. models.SelectMany(stored => stored!["tags"]!.AsArray()).Select(tag => tag!.GetValue<string>())];
        string[] tags = [.. found.Where(tag => tag.StartsWith(Repository, StringComparison.Ordinal)).Select(tag => tag[(Repository.Length + 1)..])];
        Assert.Contains(model, found);
        Assert.Subset(tags.ToHashSet(), _kept.ToHashSet());
        Assert.Subset(_kept.Append(_coming).Append(_going).ToHashSet(), tags.ToHashSet<string?>());
        foreach (string extra in tags.Where(tag => !_kept.Contains(tag)))
        {
            await SendAsync(http, HttpMethod.Delete, $"/models/{Repository}:{extra}");
        }

        (_coming, _going) = (null, null);
    }
}
