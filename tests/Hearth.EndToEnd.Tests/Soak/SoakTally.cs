using System.Collections.Concurrent;

namespace Hearth.EndToEnd.Tests.Soak;

/// <summary>How requests ended.</summary>
internal sealed class SoakTally
{
    private const int MaxFailures = 50;
    private readonly ConcurrentDictionary<string, int> _ends = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _failures = new();
    private int _begun;

    /// <summary>Requests that were begun.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>Requests that have ended.</summary>
    public int Ended => _ends.Values.Sum();

    /// <summary>What should not have happened.</summary>
    public IReadOnlyList<string> Failures => [.. _failures];

    public void Begin() => Interlocked.Increment(ref _begun);

    public void End(string outcome) => _ends.AddOrUpdate(outcome, 1, (_, count) => count + 1);

    public void Fail(string what)
    {
        End("failed");
        if (_failures.Count < MaxFailures)
        {
            _failures.Enqueue($"{DateTime.UtcNow:HH:mm:ss} {what}");
        }
    }

    public override string ToString() => string.Join(", ", _ends.OrderBy(end => end.Key, StringComparer.Ordinal).Select(end => $"{end.Value} {end.Key}"));
}
