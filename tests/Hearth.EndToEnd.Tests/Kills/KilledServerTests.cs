using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Hearth.Store.Tests.Fakes;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests.Kills;

/// <summary>
/// Kills the server at random moments while models come and go, settings and keys are changed, and files are sent; <c>HEARTH_KILLS</c> says how often.
/// </summary>
public sealed class KilledServerTests : IDisposable
{
    private const int FewKills = 8;
    private const int Seed = 20261130;
    private const int LongestLife = 1500;
    private const int LongestStart = 400;
    private const int StartEvery = 8;
    private const int TellEvery = 20;
    private const int BytesPerSecond = 30 << 20;
    private const int ManyKills = 100;
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Everything_IsWholeAfterEachKill()
    {
        int kills = Environment.GetEnvironmentVariable("HEARTH_KILLS") is { Length: > 0 } number ? int.Parse(number, CultureInfo.InvariantCulture) : FewKills;
        using DockerRegistry registry = await DockerRegistry.StartAsync();
        await using Relay relay = new(registry.Port, BytesPerSecond);
        string slow = $"localhost:{relay.Port}/kills/guide:v1", home = Home("home"), other = Home("other");

        // Larger than what a pull that is broken off has to fetch once more.
        string large = _files.Combine("large.gguf");
        await SucceedAsync(Home("packager"), "quantize", "guide", large, "F32", "--requantize");
        await SucceedAsync(Home("packager"), "package", "--gguf", large, "--push", $"{registry.Host}/kills/guide:v1");
        await SucceedAsync(home, "package", "--gguf", ScriptedModel.Write(_files.Combine("kept.gguf"), "I am still here.", "{{ messages[0].content }}", "<|begin|>"), "docker.io/kills/kept:v1");
        relay.HasHurry = true;
        await SucceedAsync(other, "pull", slow);
        string id = JsonNode.Parse(await SucceedAsync(other, "list", "--json", slow))![0]!["id"]!.GetValue<string>();
        relay.HasHurry = false;
        string key = await SucceedAsync(home, "keys", "create", "main", "--scope", "inference,models");
        string expected, guide;
        await using (ServerProcess whole = await StartAsync(other, null))
        {
            expected = await KilledChats.AskAsync(whole.Client, slow);
            guide = await KilledChats.AskAsync(whole.Client, "guide");
        }

        KilledFiles files = new();
        KilledPulls pulls = new(slow, id);
        KilledKeys keys = new(home);
        KilledWork[] works = [new KilledSettings(), new KilledTags("docker.io/kills/kept:v1"), files, pulls, new KilledChats("guide", guide), new KilledChats("guide", guide)];
        Random random = new(Seed);
        Stopwatch time = Stopwatch.StartNew();
        for (int kill = 1; kill <= kills; kill++)
        {
            if (kill % StartEvery == 0)
            {
                using Process starting = HearthProcess.StartIn(home, "serve", "--listen", "127.0.0.1:0");
                await Task.Delay(random.Next(LongestStart), TestContext.Current.CancellationToken);
                starting.Kill();
                await starting.WaitForExitAsync(TestContext.Current.CancellationToken);
            }
            else
            {
                await using ServerProcess server = await StartAsync(home, key);
                await CheckAsync(works, keys, server);
                using CancellationTokenSource killed = new();
                Task[] working = [.. works.Select(work => Task.Run(() => work.RunAsync(server.Client, killed.Token), CancellationToken.None)), Task.Run(() => keys.RunAsync(killed.Token), CancellationToken.None)];
                Task late = Task.Delay(random.Next(LongestLife), TestContext.Current.CancellationToken);
                Task first = await Task.WhenAny([late, .. working]);
                await server.KillAsync();
                await killed.CancelAsync();
                await Task.WhenAll(working);
                Assert.True(first == late, "Somebody has ended before the server.");
            }

            await VerifyAsync(home);
            if (kill % TellEvery == 0)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{kill} kills in {time.Elapsed.TotalSeconds:F0} s");
            }
        }

        await using ServerProcess last = await StartAsync(home, key);
        await CheckAsync(works, keys, last);
        await pulls.StepAsync(last.Client);
        await pulls.CheckAsync(last.Client);
        Assert.Equal(expected, await KilledChats.AskAsync(last.Client, slow));
        await files.FinishAsync(last.Client);
        await VerifyAsync(home);
        await SucceedAsync(home, "prune", "--force");
        await SucceedAsync(home, "configure", "guide", "--temp", "1");
        await SucceedAsync(home, "keys", "create", "last");
        Assert.True(kills < ManyKills || pulls.Done > 1, "No pull but the last has come to its end.");
        string[] leftovers = [.. Directory.GetFiles(home, "*.tmp"), .. Directory.GetFiles(Path.Combine(home, "models"), "*.tmp", SearchOption.AllDirectories)];
        Assert.Empty(leftovers);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills in {time.Elapsed.TotalSeconds:F0} s: {pulls.Done} pulls and {files.Done} batches came to their end, {keys.Made} keys were made.");
    }

    private static async Task CheckAsync(KilledWork[] works, KilledKeys keys, ServerProcess server)
    {
        foreach (KilledWork work in works)
        {
            await work.CheckAsync(server.Client);
        }

        await keys.CheckAsync();
    }

    private static async Task VerifyAsync(string home) => Assert.Contains("all as it should be", await SucceedAsync(home, "verify"), StringComparison.Ordinal);

    private static async Task<ServerProcess> StartAsync(string home, string? key)
    {
        ServerProcess server = await ServerProcess.StartInAsync(home);
        server.KeepOutput();
        server.Client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key.Trim());
        return server;
    }

    private string Home(string name) => Directory.CreateDirectory(_files.Combine(name)).FullName;

    private static async Task<string> SucceedAsync(string home, params string[] arguments)
    {
        (int code, string output, string error) = await HearthProcess.RunAsync(arguments, home: home);
        Assert.True(code == 0, $"hearth {string.Join(' ', arguments)}: {code}: {output}{error}");
        return output;
    }
}
