using Hearth.Engine.Cache;

namespace Hearth.Engine.Scheduling;

/// <summary>What a scheduler has done since its model was loaded; its thread alone counts.</summary>
internal sealed class SchedulerTotals
{
    private long _steps;
    private long _failedSteps;
    private long _stepTokens;
    private long _stepSequences;
    private long _promptTokens;
    private long _cachedTokens;
    private long _completionTokens;
    private long _preemptions;
    private long _draftTokens;
    private long _acceptedTokens;
    private double _promptSeconds;
    private double _completionSeconds;
    private int _longestSequence;

    /// <summary>Counts a step.</summary>
    public void CountStep(int tokens, int sequences)
    {
        _steps++;
        _stepTokens += tokens;
        _stepSequences += sequences;
    }

    /// <summary>Counts a step that failed.</summary>
    public void CountFailure() => _failedSteps++;

    /// <summary>Counts a request that gave its blocks back.</summary>
    public void CountPreemption() => _preemptions++;

    /// <summary>Counts a request that is over.</summary>
    public void Count(ScheduledSequence sequence)
    {
        _promptTokens += sequence.PromptLength;
        _cachedTokens += sequence.CachedTokens;
        _completionTokens += sequence.CompletionTokens;
        _draftTokens += sequence.DraftTokens;
        _acceptedTokens += sequence.AcceptedTokens;
        _promptSeconds += sequence.PromptTime.TotalSeconds;
        _completionSeconds += sequence.CompletionTime.TotalSeconds;
        _longestSequence = Math.Max(_longestSequence, sequence.PromptLength + sequence.CompletionTokens);
    }

    /// <summary>The totals, with what is going on.</summary>
    /// <param name="running">Requests that run.</param>
    /// <param name="waiting">Requests that wait.</param>
    /// <param name="pool">The cache.</param>
    public SchedulerStatistics ToStatistics(int running, int waiting, KvPool pool) => new()
    {
        Running = running,
        Waiting = waiting,
        CacheBlocks = pool.Storage.Blocks,
        UsedBlocks = pool.UsedBlocks,
        CachedBlocks = pool.CachedBlocks,
        Steps = _steps,
        FailedSteps = _failedSteps,
        StepTokens = _stepTokens,
        StepSequences = _stepSequences,
        PromptTokens = _promptTokens,
        CachedTokens = _cachedTokens,
        CompletionTokens = _completionTokens,
        Preemptions = _preemptions,
        DraftTokens = _draftTokens,
        AcceptedTokens = _acceptedTokens,
        PromptSeconds = _promptSeconds,
        CompletionSeconds = _completionSeconds,
        LongestSequence = _longestSequence,
    };
}
