using System.CommandLine;
using System.Text.Json.Nodes;

namespace Hearth.Benchmarks.Load;

/// <summary><c>load</c>: many requests to a server of the OpenAI API, and beside it to another.</summary>
internal sealed class LoadCommand
{
    private const int RequestsPerStream = 4;
    private const int RequestsAtRate = 32;
    private readonly LoadOptions _options = new();

    public static Command Create()
    {
        LoadCommand load = new();
        Command command = new("load", "Measure servers under many requests at a time, Hearth or any other with the OpenAI API.");
        load._options.AddTo(command);
        command.SetAction(load.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        CompletionApi api = parsed.GetValue(_options.Api) == "chat" ? CompletionApi.Chat : CompletionApi.Completions;
        TimeSpan limit = TimeSpan.FromSeconds(parsed.GetValue(_options.TimeLimit));
        using LoadClient client = new("server", parsed.GetRequiredValue(_options.Url), api, limit);
        using LoadClient? peer = parsed.GetValue(_options.PeerUrl) is { } address ? new LoadClient("peer", address, api, limit) : null;
        List<LoadServer> servers = [new(client, parsed.GetValue(_options.Pid))];
        if (peer is not null)
        {
            servers.Add(new LoadServer(peer, parsed.GetValue(_options.PeerPid)));
        }

        try
        {
            return await MeasureAsync(parsed, api, servers, cancellationToken);
        }
        catch (LoadException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private async Task<int> MeasureAsync(
        ParseResult parsed, CompletionApi api, IReadOnlyList<LoadServer> servers, CancellationToken cancellationToken)
    {
        Scenario scenario = Scenario.Find(parsed.GetValue(_options.ScenarioName));
        ulong seed = parsed.GetValue(_options.Seed) ?? (ulong)Random.Shared.NextInt64();
        Console.WriteLine($"--seed {seed}");
        WordCount? words = await PrepareAsync(parsed, api, seed, servers, cancellationToken);
        ServerRounds rounds = new(servers, parsed.GetValue(_options.Rounds) ?? scenario.Rounds, Console.Out);
        List<LoadComparison> comparisons = [];
        foreach (LoadPlan plan in Plans(parsed, scenario, api, seed))
        {
            Func<LoadClient, int, Task<RunFigures>> measure = scenario == Scenario.Arrival
                ? Arrival(plan, words, cancellationToken)
                : Load(plan, words, cancellationToken);
            comparisons.Add(await rounds.RunAsync(scenario.Describe(plan), plan, measure, cancellationToken));
        }

        Console.WriteLine();
        comparisons.ForEach(comparison => comparison.Print(Console.Out));
        if (parsed.GetValue(_options.Json))
        {
            Console.WriteLine(new JsonObject
            {
                ["scenario"] = scenario.Name,
                ["api"] = api == CompletionApi.Chat ? "chat" : "completions",
                ["seed"] = seed,
                ["url"] = parsed.GetRequiredValue(_options.Url).ToString(),
                ["peer_url"] = parsed.GetValue(_options.PeerUrl)?.ToString(),
                ["runs"] = new JsonArray([.. comparisons.Select(comparison => comparison.ToJson())]),
            }.ToJsonString());
        }

        if (comparisons.All(comparison => comparison.HasAnswers))
        {
            return 0;
        }

        await Console.Error.WriteLineAsync("A server answered none of the requests: there is nothing to measure.");
        return 1;
    }

    /// <summary>Finds the models and sends each server two requests that do not count: what is slow once is slow then.</summary>
    private async Task<WordCount?> PrepareAsync(
        ParseResult parsed, CompletionApi api, ulong seed, IReadOnlyList<LoadServer> servers, CancellationToken cancellationToken)
    {
        const int WarmUp = -1;
        const int WarmUpRequests = 2;
        LoadPlan plan = new()
        {
            Prompt = Scenario.RunningPrompt,
            Answer = Scenario.ArrivingAnswer,
            Vocabulary = parsed.GetValue(_options.Vocabulary) ?? LoadPlan.DefaultVocabulary,
            Seed = seed,
        };
        foreach (LoadServer server in servers)
        {
            string? listed = await server.Client.FindModelAsync(cancellationToken);
            server.Client.Model = parsed.GetValue(_options.Model) ?? listed;
        }

        WordCount? words = api == CompletionApi.Chat ? await WordCount.MeasureAsync(servers[0].Client, seed, cancellationToken) : null;
        RequestSource source = new(plan, words);
        foreach (LoadServer server in servers)
        {
            await Task.WhenAll(Enumerable.Range(0, WarmUpRequests).Select(
                index => server.Client.SendAsync(source.Create(WarmUp, index), new RequestOptions(), cancellationToken)));
        }

        return words;
    }

    private IEnumerable<LoadPlan> Plans(ParseResult parsed, Scenario scenario, CompletionApi api, ulong seed)
    {
        double? rate = parsed.GetValue(_options.Rate);
        double? duration = parsed.GetValue(_options.Duration);
        int? requests = parsed.GetValue(_options.Requests) ?? (duration is null ? scenario.Requests : null);
        bool isEndless = duration is not null || scenario == Scenario.Arrival;
        int[] levels = rate is not null ? [0] : parsed.GetValue(_options.Streams) is { Length: > 0 } given ? given : scenario.Streams;
        return levels.Select(streams => new LoadPlan
        {
            Api = api,
            Streams = streams,
            Rate = rate,
            Requests = requests ?? (isEndless ? null : rate is null ? RequestsPerStream * streams : RequestsAtRate),
            Duration = duration is double seconds ? TimeSpan.FromSeconds(seconds) : null,
            Prompt = parsed.GetValue(_options.Prompt) ?? LengthDistribution.Parse(scenario.Prompt),
            Answer = parsed.GetValue(_options.Answer) ?? LengthDistribution.Parse(scenario.Answer),
            SharedTokens = parsed.GetValue(_options.Shared) ?? scenario.SharedTokens,
            Vocabulary = parsed.GetValue(_options.Vocabulary) ?? LoadPlan.DefaultVocabulary,
            Seed = seed,
            HangsUp = scenario == Scenario.HangUp,
        });
    }

    private static Func<LoadClient, int, Task<RunFigures>> Load(LoadPlan plan, WordCount? words, CancellationToken cancellationToken)
    {
        RequestSource source = new(plan, words);
        return async (to, run) => LoadFigures.Of(await new LoadRun(to, source, run).RunAsync(cancellationToken));
    }

    private static Func<LoadClient, int, Task<RunFigures>> Arrival(LoadPlan plan, WordCount? words, CancellationToken cancellationToken)
    {
        RequestSource running = new(plan with { Prompt = Scenario.RunningPrompt }, words);
        RequestSource arriving = new(plan with { Answer = Scenario.ArrivingAnswer }, words);
        return (to, run) => new ArrivalScenario(to, running, arriving).RunAsync(run, cancellationToken);
    }
}
