using System.Globalization;
using System.Text.Json;
using Hearth.Cli.Remote;
using Hearth.Server.Settings;
using Hearth.Store;
using Hearth.Store.Manifests;
using Hearth.Store.Storage;

namespace Hearth.Cli.Diagnosis;

/// <summary>Looks at a running server, and, where that is on this machine, at what it works with.</summary>
internal sealed class StatusChecks(CliContext context, ServerAddress address)
{
    /// <summary>The finding about the server itself.</summary>
    public const string Server = "server";

    private const double MuchOfMemory = 0.95;

    /// <summary>The models that are loaded, as the server tells; null where it tells nothing.</summary>
    public JsonElement? Models { get; private set; }

    /// <summary>Why the server tells nothing; null where it does.</summary>
    public ServerException? Failure { get; private set; }

    /// <summary>Looks at everything.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        List<Finding> findings = await AskAsync(cancellationToken);
        if (address.SocketPath is not null || address.Url.IsLoopback)
        {
            MachineChecks machine = new(context);
            findings.Add(machine.Settings());
            findings.Add(AsWarning(machine.Space()));
            findings.AddRange(Store());
        }

        return findings;
    }

    private async Task<List<Finding>> AskAsync(CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        try
        {
            using ServerClient client = new(address, context);
            using JsonDocument models = await client.GetAsync("/engines/ps", cancellationToken);
            Models = models.RootElement.ValueKind == JsonValueKind.Array
                ? models.RootElement.Clone()
                : throw new ServerException(ServerFailure.NotHearth, $"What answers at {address.Text} is not Hearth: it has no list of models.", "Say with --host where Hearth is.");
            findings.Add(Finding.Ok(Server, $"answers at {address.Text}"));
            using JsonDocument status = await client.GetAsync("/status", cancellationToken);
            findings.AddRange([.. Read(status.RootElement)]);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException || (Models is not null && exception is ServerException { Failure: ServerFailure.Refused }))
        {
            findings.Add(Finding.Warning("version", $"the server at {address.Text} does not tell its status as this program knows it", "It is of another version; start it again."));
        }
        catch (ServerException exception) when (Models is not null && exception.Failure == ServerFailure.Forbidden)
        {
            findings.Add(Finding.Warning("key", "the key in use may not see the server's own status", exception.Advice ?? "Use a key with the scope 'models'."));
        }
        catch (SettingsFileException)
        {
            findings.Add(new Finding(Server, FindingState.Failed, "was not asked, for the settings may have its key", "Repair the settings first."));
        }
        catch (ServerException exception)
        {
            Failure = exception;
            Models = null;
            findings.Clear();
            findings.Add(new Finding(Server, FindingState.Failed, exception.Detail, exception.Advice));
        }

        return findings;
    }

    private static IEnumerable<Finding> Read(JsonElement status)
    {
        string version = status.GetProperty("version").GetString()!, own = typeof(StatusChecks).Assembly.GetName().Version!.ToString(3);
        yield return version == own ? Finding.Ok("version", version) : Finding.Warning("version", $"the server is {version}, this program {own}", "Start the server again to have one version.");
        long used = status.GetProperty("used_bytes").GetInt64(), memory = status.GetProperty("memory_bytes").GetInt64();
        string detail = $"loaded models need {HumanText.Size(used)} of {HumanText.Size(memory)}";
        yield return used > MuchOfMemory * memory
            ? Finding.Warning("memory", detail, "Another model pushes one of them out. 'hearth stop MODEL' unloads one; --memory gives more, --ctx-size and --cache-size need less.")
            : Finding.Ok("memory", detail);
        foreach (Finding queue in status.GetProperty("models").EnumerateArray().Select(model => Queue(model, $"'{model.GetProperty("model").GetString()}'", "--max-queue lets more wait")))
        {
            yield return queue;
        }

        if (status.GetProperty("waiting").GetInt32() > 0)
        {
            yield return Queue(status, "models to be loaded", "--memory and --max-models let more be loaded at once");
        }

        foreach (JsonElement failure in status.GetProperty("failed_loads").EnumerateArray())
        {
            yield return Finding.Warning(
                "load",
                $"'{failure.GetProperty("model").GetString()}' could not be loaded at {failure.GetProperty("at").GetDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}: {failure.GetProperty("message").GetString()}",
                "'hearth logs' has more; 'hearth verify' tells whether its files are whole.");
        }
    }

    private static Finding Queue(JsonElement queue, string forWhat, string advice)
    {
        int waiting = queue.GetProperty("waiting").GetInt32(), most = queue.GetProperty("max_waiting").GetInt32();
        string detail = $"{waiting} of {most} requests that may wait for {forWhat} do";
        return waiting > 0 && waiting >= most ? Finding.Warning("queue", detail, $"More are refused with 503. Ask less at once, or {advice}.") : Finding.Ok("queue", detail);
    }

    private List<Finding> Store()
    {
        ModelStore store = context.OpenStore();
        List<Finding> findings = [];
        try
        {
            DiskUsage usage = store.MeasureUsage();
            if (usage.PartialBytes > 0)
            {
                findings.Add(Finding.Warning(
                    "pulls", $"{HumanText.Size(usage.PartialBytes)} of pulls that have not come to their end", "Pull those models again to go on where that stopped; 'hearth prune' removes what nobody pulls now."));
            }

            findings.AddRange(store.List().Select(model => Broken(store, model)).OfType<Finding>());
            if (findings.Count == 0)
            {
                findings.Add(Finding.Ok("models", $"{HumanText.Count(usage.Models, "model")} stored"));
            }
        }
        catch (StoreException exception)
        {
            findings.Add(Finding.Warning("models", exception.Message, "'hearth verify' tells what is broken, 'hearth verify --repair' removes it."));
        }

        return findings;
    }

    // Files are looked for, and not read: that is what 'hearth verify' does.
    private static Finding? Broken(ModelStore store, StoredModel model)
    {
        try
        {
            store.Open(model);
            return null;
        }
        catch (StoreException exception)
        {
            return Finding.Warning("models", $"'{model.DisplayName}' is broken: {exception.Message}", "'hearth verify --repair' removes what is broken; then pull the model again.");
        }
        catch (ManifestException)
        {
            // Of a kind that is stored, but not run.
            return null;
        }
    }

    // Nobody gets a server that is well by starting it again because the drive is full.
    private static Finding AsWarning(Finding finding) => finding.State == FindingState.Failed ? finding with { State = FindingState.Warning } : finding;
}
