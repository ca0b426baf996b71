using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hearth.EndToEnd.Tests.Soak;

/// <summary>A server, who asks it, and what has become of that.</summary>
internal sealed partial class SoakRun(SoakModels models, ServerProcess server)
{
    private static readonly TimeSpan s_quietPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(10);
    private int _seed;
    private SoakBatches? _batches;

    public ServerProcess Server { get; set; } = server;

    public SoakModels Models => models;

    public SoakTally Tally { get; } = new();

    public IReadOnlyList<SoakCase> Cases { get; } = SoakCases.All(Path.GetFileNameWithoutExtension(models.Caller), Path.GetFileNameWithoutExtension(models.Embedder));

    /// <summary>What the model says to each case, by name.</summary>
    public Dictionary<string, string> Expected { get; } = new(StringComparer.Ordinal);

    public SoakBatches Batches => _batches ??= new SoakBatches(this);

    /// <summary>Whether the server may go away under its clients.</summary>
    public bool MayBeGone { get; set; }

    /// <summary>Asks each case alone; the first time says what is expected.</summary>
    public async Task AskEachAsync()
    {
        foreach (string reference in models.Small)
        {
            using StringContent content = new($$"""{"from":"{{reference}}"}""", Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await Server.Client.PostAsync("/models/create", content, TestContext.Current.CancellationToken);
            string told = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode && !told.Contains("Error", StringComparison.Ordinal), told);
        }

        foreach (SoakCase asked in Cases.Concat(models.Small.Select(SoakCases.Pulled)))
        {
            using HttpRequestMessage request = asked.Request();
            using HttpResponseMessage response = await Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode, $"{asked.Name}: {(int)response.StatusCode} {body}");
            string said = asked.Read(body);
            Assert.True(Expected.TryAdd(asked.Name, said) || Expected[asked.Name] == said, $"{asked.Name}: '{said}' is not '{Expected[asked.Name]}'");
        }
    }

    /// <summary>Lets clients ask for a time, and waits for their last answers.</summary>
    public async Task LoadAsync(int clients, TimeSpan time, CancellationToken stop)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stop, TestContext.Current.CancellationToken);
        over.CancelAfter(time);
        SoakClient[] all = [.. Enumerable.Range(0, clients).Select(_ => new SoakClient(this, ++_seed))];
        Task figures = TellAsync(over.Token);
        await Task.WhenAll(all.Select(client => Task.Run(() => client.RunAsync(over.Token))));
        await figures;
        Array.ForEach(all, client => client.Dispose());
    }

    /// <summary>Waits until nothing is done any more, unloads everything, and says what the server has then.</summary>
    public async Task<ProcessFigures> RestAsync()
    {
        await Batches.FinishAsync(Server.Client, TimeSpan.FromMinutes(3));
        DateTime end = DateTime.UtcNow + s_quietPatience;
        string metrics;
        do
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            metrics = await Server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        }
        while (!IsQuiet(metrics) && DateTime.UtcNow < end);

        Assert.True(IsQuiet(metrics), $"Something goes on without anybody who asks:\n{metrics}");
        using StringContent all = new("""{"all":true}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage unloaded = await Server.Client.PostAsync("/engines/unload", all, TestContext.Current.CancellationToken);
        Assert.Contains("[]", await Server.Client.GetStringAsync("/engines/ps", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        ProcessFigures figures = ProcessFigures.Of(Server.Id);
        Say($"at rest: {figures}; {Batches.Done} batches done");
        return figures;
    }

    /// <summary>Prints a line.</summary>
    public static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {line}");

    private static bool IsQuiet(string metrics) => Busy().Matches(metrics).All(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) == 0);

    private async Task TellAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_lineInterval, stop);
                Say($"{Tally.Ended} requests: {Tally}; {ProcessFigures.Of(Server.Id)}");
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || (MayBeGone && exception is IOException))
        {
            // The load is over, or the server killed.
        }
    }

    [GeneratedRegex(@"^hearth_(?:running_requests|waiting_requests|cache_blocks)\{(?!.*state=""(?:kept|free)"").*\} (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Busy();
}
