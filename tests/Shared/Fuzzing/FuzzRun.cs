using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Hearth.Tests.Fuzzing;

/// <summary>
/// Reads inputs on a thread of its own, with a stack as small as a server's threads may have. Inputs with an outcome that was not seen before are
/// changed further. The same seed gives the same rounds.
/// </summary>
internal sealed partial class FuzzRun(FuzzTarget target)
{
    private const int StackBytes = 1024 * 1024;
    private const int MaxFailures = 10;
    private const int MaxKept = 2000;
    private static readonly TimeSpan s_hangLimit = TimeSpan.FromMinutes(2);
    private readonly List<byte[]> _sound = [];
    private readonly List<byte[]> _refused = [];
    private readonly HashSet<string> _outcomes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _failures = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private byte[] _current = [];
    private long _started = Stopwatch.GetTimestamp();
    private long _rounds;
    private TimeSpan _elapsed, _slowest;
    private long _allocated;

    /// <summary>What failed, each kind once.</summary>
    public IReadOnlyCollection<string> Failures => _failures.Values;

    /// <summary>Inputs that were read.</summary>
    public long Read { get; private set; }

    /// <summary>Inputs that were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>What came of the last input.</summary>
    public string LastOutcome { get; private set; } = string.Empty;

    /// <summary>Reads the inputs of the folder and the target's own.</summary>
    public void ReadCorpus() => OnThread(_ =>
    {
        foreach ((string name, byte[] bytes) in FuzzCorpus.Read(target.Name))
        {
            Try(bytes, name);
        }

        for (int i = 0; i < target.Seeds.Count; i++)
        {
            Try(target.Seeds[i], $"seed {i}");
        }
    });

    /// <summary>Reads one input.</summary>
    public void ReadOne(byte[] input) => OnThread(_ => Try(input, "the input"));

    /// <summary>Reads changed inputs.</summary>
    /// <param name="rounds">How many.</param>
    /// <param name="duration">How long, where that says it instead.</param>
    public void ReadChanged(int rounds, TimeSpan? duration)
    {
        ReadCorpus();
        OnThread(current =>
        {
            Stopwatch watch = Stopwatch.StartNew();
            for (int round = 0; (duration is { } limit ? watch.Elapsed < limit : round < rounds) && _failures.Count < MaxFailures; round++)
            {
                Random random = new(unchecked((FuzzOptions.Seed * 1_000_003) + round));
                byte[] input = new FuzzMutator(random, target.Words, target.MaxLength, _sound, _refused).Make();
                if (target.Repair is not null && random.Next(8) > 0)
                {
                    input = [.. input];
                    target.Repair(input);
                }

                current.Set(input);
                Try(input, $"seed {FuzzOptions.Seed}, round {round}");
                _rounds = round + 1;
                _elapsed = watch.Elapsed;
            }
        });
        FuzzOptions.Report(target.Name, _rounds, _elapsed, _failures.Count, _slowest, _allocated);
    }

    /// <summary>What was done and what failed.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{target.Name}: {_rounds} rounds in {_elapsed.TotalSeconds:F1} s, {Read} read, {Refused} refused, {_outcomes.Count} outcomes, {_sound.Count + _refused.Count} inputs; slowest {_slowest.TotalMilliseconds:F1} ms, most allocated {_allocated / 1024.0 / 1024.0:F2} MiB")
        + string.Concat(_failures.Values.Select(failure => "\n\n" + failure));

    private void Try(byte[] input, string which)
    {
        _current = input;
        Interlocked.Exchange(ref _started, Stopwatch.GetTimestamp());
        Outcome outcome = Measure(input);
        if (outcome.Failure is null && (outcome.Elapsed > target.TimeLimit || outcome.Allocated > Allowed(input)))
        {
            // Once more: other programs use the machine too, and tables are made once.
            Outcome again = Measure(input);
            outcome = again with { Elapsed = Min(outcome.Elapsed, again.Elapsed), Allocated = Math.Min(outcome.Allocated, again.Allocated) };
        }

        Interlocked.Exchange(ref _started, long.MaxValue);
        _slowest = outcome.Elapsed > _slowest ? outcome.Elapsed : _slowest;
        _allocated = Math.Max(_allocated, outcome.Allocated);
        Read += outcome.IsRead ? 1 : 0;
        Refused += outcome.IsRead ? 0 : 1;
        LastOutcome = outcome.Text;
        if ((outcome.Failure ?? Exceeded(outcome, input)) is string failure)
        {
            Fail(input, which, failure);
        }
        else if (_outcomes.Add($"{outcome.Text} {SizeClass(outcome.Allocated)}"))
        {
            List<byte[]> inputs = outcome.IsRead ? _sound : _refused;
            if (inputs.Count < MaxKept)
            {
                inputs.Add(input);
            }
        }
    }

    private Outcome Measure(byte[] input)
    {
        byte[] own = [.. input];
        long before = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan started = ThreadClock.Now;
        string text;
        string? failure = null;
        bool read = true;
        try
        {
            text = "read " + target.Read(own);
        }
        catch (Exception exception) when (target.IsRefusal?.Invoke(exception) == true)
        {
            read = false;
            text = $"{exception.GetType().Name} {Kind(exception.Message)}";
            failure = exception.Message.Length == 0 || exception.Message.Length > target.MaxMessage ? $"A message of {exception.Message.Length} characters." : null;
        }
#pragma warning disable CA1031 // Every other exception is a failure, and is told as one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            read = false;
            failure = text = exception.ToString();
        }

        return new Outcome(text, failure, read, ThreadClock.Now - started, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private string? Exceeded(Outcome outcome, byte[] input) =>
        outcome.Elapsed > target.TimeLimit ? $"It took {outcome.Elapsed.TotalSeconds:F1} s."
        : outcome.Allocated > Allowed(input) ? $"{outcome.Allocated} bytes were allocated for {input.Length}." : null;

    private long Allowed(byte[] input) => target.AllocationBase + ((long)target.AllocationPerByte * input.Length);

    private void Fail(byte[] input, string which, string failure)
    {
        string kind = KindOf(failure);
        lock (_lock)
        {
            if (_failures.TryGetValue(kind, out _))
            {
                return;
            }

            byte[] shortest = failure.StartsWith("It took", StringComparison.Ordinal) ? input
                : FuzzMinimizer.Shorten(input, candidate => Measure(candidate) is var outcome && (outcome.Failure ?? Exceeded(outcome, candidate)) is string other && KindOf(other) == kind);
            string file = Write($"{target.Name}-{FuzzOptions.Seed}-{_rounds}", shortest);
            _failures[kind] = $"{target.Name}, {which}: {(failure.Length > 3000 ? failure[..3000] : failure)}\nHEARTH_FUZZ_INPUT={file}\n{FuzzMinimizer.Show(shortest)}";
        }
    }

    // The exception's type and where it was thrown.
    private static string KindOf(string failure)
    {
        string[] lines = failure.Split('\n');
        return Details().Replace(lines[0].Length > 60 ? lines[0][..60] : lines[0], "#") + lines.FirstOrDefault(line => line.Contains(" Hearth.", StringComparison.Ordinal));
    }

    private static string Write(string name, byte[] input)
    {
        Directory.CreateDirectory(FuzzOptions.Folder);
        string file = Path.Combine(FuzzOptions.Folder, name + ".input");
        File.WriteAllBytes(file, input);
        return file;
    }

    // An input that never ends cannot be stopped, so its thread is left alone.
    private void OnThread(Action<CurrentInput> work)
    {
        using CurrentInput current = new(target);
        Exception? thrown = null;
        Thread thread = new(() =>
        {
            try
            {
                work(current);
            }
#pragma warning disable CA1031 // It is thrown again on the test's own thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                thrown = exception;
            }
        }, StackBytes);
        thread.IsBackground = true;
        thread.Name = target.Name;
        thread.Start();
        while (!thread.Join(TimeSpan.FromSeconds(1)))
        {
            long started = Interlocked.Read(ref _started);
            if (started != long.MaxValue && Stopwatch.GetElapsedTime(started) > s_hangLimit)
            {
                Assert.Fail($"{target.Name}, round {_rounds}: no end.\nHEARTH_FUZZ_INPUT={Write($"{target.Name}-{FuzzOptions.Seed}-{_rounds}", _current)}");
            }
        }

        Assert.True(thrown is null, thrown?.ToString());
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    // Without what is quoted, and only its beginning: most of the rest is the input's own.
    private static string Kind(string message)
    {
        string kind = Details().Replace(message.Length > 200 ? message[..200] : message, "#");
        return kind.Length > 70 ? kind[..70] : kind;
    }

    // Two steps for each power of two: an input that needs more memory than others like it is worth keeping.
    private static int SizeClass(long allocated) => (int)(2 * Math.Log2(Math.Max(allocated, 4096)));

    private sealed record Outcome(string Text, string? Failure, bool IsRead, TimeSpan Elapsed, long Allocated);

    // What is quoted, and numbers: messages differ in these without being other messages.
    [GeneratedRegex("""'[^']*'|"[^"]*"|`[^`]*`|\d+""")]
    private static partial Regex Details();
}
