using System.Text;
using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Kills;

/// <summary>Files that are sent, and batches of them, each of which is to come to its end once.</summary>
internal sealed class KilledFiles : KilledWork
{
    private const int Lines = 8;
    private const int BatchEvery = 20;
    private const int MostBatches = 3;
    private const int MostFiles = 10;
    private readonly Queue<(string Id, string Content)> _files = new();
    private readonly List<string> _batches = [];
    private int _sent;

    /// <summary>Batches that have come to their end.</summary>
    public int Done { get; private set; }

    public override async Task StepAsync(HttpClient http)
    {
        string content = string.Join('\n', Enumerable.Range(0, Lines).Select(line => new JsonObject
        {
            ["custom_id"] = $"{line}",
            ["method"] = "POST",
            ["url"] = "/v1/chat/completions",
            ["body"] = new JsonObject { ["max_tokens"] = 40, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"Say {_sent}." }) },
        }.ToJsonString()));
        using MultipartFormDataContent form = new() { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "file", "lines.jsonl" } };
        using HttpResponseMessage response = await http.PostAsync("/v1/files", form);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        string id = IdOf(answer);
        _files.Enqueue((id, content));
        if (_sent++ % BatchEvery == 0 && _batches.Count < MostBatches)
        {
            JsonObject batch = new() { ["input_file_id"] = id, ["endpoint"] = "/v1/chat/completions", ["completion_window"] = "24h" };
            _batches.Add(IdOf(await SendAsync(http, HttpMethod.Post, "/v1/batches", batch)));
        }
        else if (_files.Count > MostFiles && _batches.Count == 0)
        {
            await SendAsync(http, HttpMethod.Delete, $"/v1/files/{_files.Dequeue().Id}");
        }
    }

    public override async Task CheckAsync(HttpClient http)
    {
        foreach ((string id, string content) in _files)
        {
            Assert.Equal(content, await SendAsync(http, HttpMethod.Get, $"/v1/files/{id}/content"));
        }

        foreach (string id in _batches.ToArray())
        {
            await LookAtAsync(http, id);
        }
    }

    /// <summary>Waits until no batch is open.</summary>
    public async Task FinishAsync(HttpClient http)
    {
        while (_batches.Count > 0)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            await CheckAsync(http);
        }
    }

    private async Task LookAtAsync(HttpClient http, string id)
    {
        JsonNode batch = JsonNode.Parse(await SendAsync(http, HttpMethod.Get, $"/v1/batches/{id}"))!;
        string status = batch["status"]!.GetValue<string>();
        if (status is "validating" or "in_progress" or "finalizing")
        {
            return;
        }

        Assert.Equal("completed", status);
        string output = await SendAsync(http, HttpMethod.Get, $"/v1/files/{batch["output_file_id"]!.GetValue<string>()}/content");
        string[] ids = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!["custom_id"]!.GetValue<string>())];
        Assert.Equal(Enumerable.Range(0, Lines).Select(line => $"{line}"), ids.Order(StringComparer.Ordinal));
        _batches.Remove(id);
        Done++;
    }

    private static string IdOf(string answer) => JsonNode.Parse(answer)!["id"]!.GetValue<string>();
}
