using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Soak;

/// <summary>Batches that are sent during the load; each must come to its end with the right answer to each line.</summary>
internal sealed class SoakBatches(SoakRun run)
{
    private const int Lines = 6;
    private const int MostOpen = 8;
    private readonly ConcurrentDictionary<string, string> _open = new(StringComparer.Ordinal);

    /// <summary>Batches that have ended as they should.</summary>
    public int Done { get; private set; }

    private SoakCase[] Asked => [.. run.Cases.Where(asked => asked is { End: null, Path: "/v1/chat/completions" })];

    /// <summary>Sends one, unless there are many already.</summary>
    public async Task SendAsync(HttpClient http)
    {
        if (_open.Count >= MostOpen)
        {
            run.Tally.End("batch left out");
            return;
        }

        string lines = string.Join('\n', Enumerable.Range(0, Lines).Select(line => new JsonObject
        {
            ["custom_id"] = $"{line}",
            ["method"] = "POST",
            ["url"] = "/v1/chat/completions",
            ["body"] = Asked[line % Asked.Length].Body.DeepClone(),
        }.ToJsonString()));
        using MultipartFormDataContent form = new() { { new StringContent("batch"), "purpose" } };
        using ByteArrayContent file = new(Encoding.UTF8.GetBytes(lines));
        file.Headers.ContentType = new MediaTypeHeaderValue("application/jsonl");
        form.Add(file, "file", "lines.jsonl");
        using HttpResponseMessage uploaded = await http.PostAsync("/v1/files", form);
        string answer = await uploaded.Content.ReadAsStringAsync();
        if (!uploaded.IsSuccessStatusCode)
        {
            run.Tally.Fail($"upload: {(int)uploaded.StatusCode} {answer}");
            return;
        }

        string input = JsonNode.Parse(answer)!["id"]!.GetValue<string>();
        using HttpResponseMessage made = await http.PostAsJsonAsync("/v1/batches", new { input_file_id = input, endpoint = "/v1/chat/completions", completion_window = "24h" });
        answer = await made.Content.ReadAsStringAsync();
        if (!made.IsSuccessStatusCode)
        {
            run.Tally.Fail($"batch: {(int)made.StatusCode} {answer}");
            return;
        }

        _open[JsonNode.Parse(answer)!["id"]!.GetValue<string>()] = input;
        run.Tally.End("batch sent");
    }

    /// <summary>Waits until all are done, and looks at each.</summary>
    public async Task FinishAsync(HttpClient http, TimeSpan patience)
    {
        DateTime end = DateTime.UtcNow + patience;
        while (!_open.IsEmpty && DateTime.UtcNow < end)
        {
            foreach ((string id, string input) in _open.ToArray())
            {
                JsonNode batch = (await http.GetFromJsonAsync<JsonNode>($"/v1/batches/{id}", TestContext.Current.CancellationToken))!;
                if (batch["status"]!.GetValue<string>() is not ("validating" or "in_progress" or "finalizing"))
                {
                    _open.TryRemove(id, out _);
                    await LookAtAsync(http, batch, input);
                }
            }

            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        foreach (string id in _open.Keys)
        {
            run.Tally.Fail($"batch {id} has not ended: {await http.GetStringAsync($"/v1/batches/{id}", TestContext.Current.CancellationToken)}");
        }
    }

    private async Task LookAtAsync(HttpClient http, JsonNode batch, string input)
    {
        if (batch["status"]!.GetValue<string>() != "completed" || batch["output_file_id"]?.GetValue<string>() is not string output)
        {
            run.Tally.Fail($"a batch ends like this: {batch.ToJsonString()}");
            return;
        }

        string text = await http.GetStringAsync($"/v1/files/{output}/content", TestContext.Current.CancellationToken);
        string[] answers = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        HashSet<string> ids = [];
        foreach (string line in answers)
        {
            using JsonDocument answer = JsonDocument.Parse(line);
            string id = answer.RootElement.GetProperty("custom_id").GetString()!;
            SoakCase asked = Asked[int.Parse(id, CultureInfo.InvariantCulture) % Asked.Length];
            string said = asked.Read(answer.RootElement.GetProperty("response").GetProperty("body").GetRawText());
            if (!ids.Add(id) || said != run.Expected[asked.Name])
            {
                run.Tally.Fail($"a batch's line {id} says '{said}' instead of '{run.Expected[asked.Name]}'");
            }
        }

        if (answers.Length != Lines)
        {
            run.Tally.Fail($"a batch of {Lines} lines has {answers.Length} answers");
        }

        Done++;
        foreach (string file in (string[])[input, output])
        {
            using HttpResponseMessage removed = await http.DeleteAsync($"/v1/files/{file}", TestContext.Current.CancellationToken);
            Assert.True(removed.IsSuccessStatusCode);
        }
    }
}
