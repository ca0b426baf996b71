using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Store;
using Hearth.Store.References;
using Hearth.Store.Transfer;

namespace Hearth.Server.Ui.Models;

/// <summary>The models that were pulled from the page since the server started. A pull goes on when its page is closed.</summary>
/// <param name="host">The models.</param>
/// <param name="time">The clock.</param>
internal sealed class PullQueue(ModelHost host, TimeProvider time) : IDisposable
{
    private const int MaxJobs = 32;
    private readonly Lock _gate = new();
    private readonly List<PullJob> _jobs = [];

    /// <summary>Those that run, and those that have ended, the latest first.</summary>
    public IReadOnlyList<PullJob> Jobs
    {
        get
        {
            lock (_gate)
            {
                return [.. _jobs];
            }
        }
    }

    /// <summary>Begins to pull a model, or goes on with it.</summary>
    /// <exception cref="ReferenceException">The name is none.</exception>
    /// <exception cref="ApiException">There is no store, or too much is pulled already.</exception>
    public void Begin(string name, bool isInsecure)
    {
        ModelStore store = host.Options.Store ?? throw ApiException.Invalid("This server serves files only and stores no models.");
        ModelReference reference = store.ParseReference(name.Trim());
        PullJob job = new(reference.Display, isInsecure, time);
        lock (_gate)
        {
            if (_jobs.Any(other => other.State == PullState.Running && other.Name == job.Name))
            {
                return;
            }

            _jobs.RemoveAll(other => other.State != PullState.Running && other.Name == job.Name);
            if (_jobs.Count >= MaxJobs && _jobs.FindLast(other => other.State != PullState.Running) is PullJob oldest)
            {
                _jobs.Remove(oldest);
            }

            if (_jobs.Count >= MaxJobs)
            {
                throw ApiException.Invalid($"{MaxJobs} models are being pulled, as many as may.");
            }

            _jobs.Insert(0, job);
        }

        _ = RunAsync(store, reference, job);
    }

    /// <summary>Stops a pull; what has come is kept, and a later one goes on from there.</summary>
    public static void Stop(PullJob job) => job.Stop.Cancel();

    /// <summary>Takes a pull that has ended off the list.</summary>
    public void Forget(PullJob job)
    {
        lock (_gate)
        {
            _jobs.Remove(job);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PullJob job in Jobs)
        {
            job.Stop.Cancel();
        }
    }

    private static async Task RunAsync(ModelStore store, ModelReference reference, PullJob job)
    {
        try
        {
            PullResult result = await Task.Run(() => store.PullAsync(reference, new TransferOptions { Insecure = job.IsInsecure }, job, job.Stop.Token));
            job.Message = result.WasCached ? "It was there already" : "Ready";
            job.State = PullState.Done;
        }
        catch (OperationCanceledException)
        {
            job.Message = "Stopped; what has come is kept";
            job.State = PullState.Stopped;
        }
#pragma warning disable CA1031 // Whatever goes wrong is told in the list.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            job.Message = ErrorTable.Describe(exception).Message;
            job.State = PullState.Failed;
        }
    }
}
