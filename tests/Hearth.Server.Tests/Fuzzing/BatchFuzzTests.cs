using System.Diagnostics;
using System.Text.Json;
using Hearth.Server.Tests.Fields;
using Hearth.Tests.Fuzzing;

namespace Hearth.Server.Tests.Fuzzing;

/// <summary>Batches of files with changed requests: each comes to an end, and each line is answered or refused. As many as <see cref="RequestFuzzTests"/> has rounds, by forty.</summary>
public sealed class BatchFuzzTests(ITestOutputHelper output)
{
    private const int RoundsOfABatch = 40;
    private const int RoundsBetweenPreparations = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private static readonly string[] s_ends = ["completed", "failed", "cancelled"];

    [Fact]
    public async Task ChangedLines_AreAnsweredOrRefused()
    {
        int first = FuzzOptions.First / RoundsOfABatch;
        int rounds = (FuzzOptions.Rounds ?? (FuzzOptions.Duration is null ? RequestFuzzTests.DefaultRounds : int.MaxValue)) / RoundsOfABatch;
        FieldServer server = new();
        await using IAsyncDisposable disposal = server;
        await server.InitializeAsync();
        FormMutator mutator = new(new RequestMutator(FieldList.Routes, [], server));
        SortedDictionary<string, int> counts = [];
        Stopwatch watch = Stopwatch.StartNew();
        TimeSpan slowest = TimeSpan.Zero;
        int round = first;
        for (; (FuzzOptions.Duration is not { } duration || watch.Elapsed < duration) && round < first + rounds; round++)
        {
            TimeSpan sent = watch.Elapsed;
            Random random = new(round);
            string endpoint = FormMutator.Endpoints[random.Next(FormMutator.Endpoints.Length)];
            byte[] lines = mutator.MakeLines(endpoint, random);
            using MultipartFormDataContent form = new() { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(lines), "file", "a.jsonl" } };
            string file = (await server.PostAsync("/v1/files", form)).GetProperty("id").GetString()!;
            string request = $$"""{"input_file_id":"{{file}}","endpoint":"{{endpoint}}","completion_window":"24h"}""";
            JsonElement batch = await EndAsync(server, (await server.PostAsync("/v1/batches", FieldServer.Json(request))).GetProperty("id").GetString()!, round);
            Count(counts, batch.GetProperty("status").GetString()!);
            foreach (string name in (string[])["output_file_id", "error_file_id"])
            {
                if (batch.GetProperty(name).GetString() is string id)
                {
                    string text = await server.Client.GetStringAsync($"/v1/files/{id}/content", TestContext.Current.CancellationToken);
                    foreach (JsonElement line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)))
                    {
                        int status = line.GetProperty("response").GetProperty("status_code").GetInt32();
                        Count(counts, $"{status}");
                        Assert.True(status is < 500 or 504 or 507, $"Round {round}: {line}");
                    }
                }
            }

            slowest = watch.Elapsed - sent > slowest ? watch.Elapsed - sent : slowest;
            if (round % RoundsBetweenPreparations == 0)
            {
                await server.PrepareAsync();
            }
        }

        FuzzOptions.Report("http-batch-files", round - first, watch.Elapsed, failures: 0, slowest, allocated: null);
        output.WriteLine($"batches: {round - first} files; {string.Join(", ", counts.Select(pair => $"{pair.Value} × {pair.Key}"))}");
        Assert.Equal("""{"status":"ok"}""", await server.Client.GetStringAsync("/health", TestContext.Current.CancellationToken));
    }

    private static void Count(SortedDictionary<string, int> counts, string what) => counts[what] = counts.GetValueOrDefault(what) + 1;

    private static async Task<JsonElement> EndAsync(FieldServer server, string id, int round)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        while (true)
        {
            JsonElement batch = JsonElement.Parse(await server.Client.GetStringAsync($"/v1/batches/{id}", TestContext.Current.CancellationToken));
            if (s_ends.Contains(batch.GetProperty("status").GetString()))
            {
                return batch;
            }

            Assert.False(patience.IsCancellationRequested, $"Round {round} has no end: {batch}");
            await Task.Delay(s_pause, TestContext.Current.CancellationToken);
        }
    }
}
