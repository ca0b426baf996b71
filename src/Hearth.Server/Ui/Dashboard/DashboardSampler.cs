using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Hearth.Server.Logging;

namespace Hearth.Server.Ui.Dashboard;

/// <summary>Looks at the server once in a second, from the first time that somebody wants to see it, and remembers ten minutes.</summary>
internal sealed class DashboardSampler : IDisposable
{
    /// <summary>Seconds that are remembered.</summary>
    public const int Length = 600;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private readonly ModelHost _host;
    private readonly RequestJournal _journal;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Queue<DashboardSample> _samples = [];
    private readonly Dictionary<LanguageModel, SchedulerStatistics> _seen = [];
    private readonly ITimer _timer;
    private long _requests;
    private long _last;

    /// <summary>Begins to look.</summary>
    public DashboardSampler(ModelHost host, RequestJournal journal, TimeProvider time)
    {
        (_host, _journal, _time) = (host, journal, time);
        _requests = journal.Count;
        _last = time.GetTimestamp();
        foreach (LanguageModel model in Loaded())
        {
            _seen[model] = model.Statistics;
        }

        _timer = time.CreateTimer(_ => Look(), null, s_second, s_second);
    }

    /// <summary>A sum since the start, by its name in <c>GET /metrics</c>, of all its series.</summary>
    public long Total(string metric) => (long)_host.Metrics.Families.Where(family => family.Name == metric).SelectMany(family => family.Read()).Sum(sample => sample.Value);

    /// <summary>What was seen, the oldest first.</summary>
    public IReadOnlyList<DashboardSample> Samples
    {
        get
        {
            lock (_gate)
            {
                return [.. _samples];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private IEnumerable<LanguageModel> Loaded() => _host.Models.SelectMany(_host.StatusOf).Select(status => status.Value).OfType<LanguageModel>();

    private void Look()
    {
        lock (_gate)
        {
            double seconds = Math.Max(_time.GetElapsedTime(_last).TotalSeconds, 0.001);
            _last = _time.GetTimestamp();
            int running = 0, waiting = 0;
            double prompt = 0, cached = 0, completion = 0;
            LanguageModel[] models = [.. Loaded()];
            foreach (LanguageModel model in models)
            {
                SchedulerStatistics now = model.Statistics;
                SchedulerStatistics before = _seen.GetValueOrDefault(model) ?? new SchedulerStatistics();
                running += now.Running;
                waiting += now.Waiting;
                prompt += now.PromptTokens - before.PromptTokens;
                cached += now.CachedTokens - before.CachedTokens;
                completion += now.CompletionTokens - before.CompletionTokens;
                _seen[model] = now;
            }

            foreach (LanguageModel gone in _seen.Keys.Except(models).ToArray())
            {
                _seen.Remove(gone);
            }

            long requests = _journal.Count;
            _samples.Enqueue(new DashboardSample(
                running, waiting, prompt / seconds, cached / seconds, completion / seconds, _host.UsedBytes, Environment.WorkingSet, requests - _requests));
            _requests = requests;
            if (_samples.Count > Length)
            {
                _samples.Dequeue();
            }
        }
    }
}
