namespace Hearth.Engine.Scheduling;

/// <summary>What a model's scheduler does, and did since the model was loaded.</summary>
public sealed record SchedulerStatistics
{
    /// <summary>Requests that run.</summary>
    public int Running { get; init; }

    /// <summary>Requests that wait, those that were preempted included.</summary>
    public int Waiting { get; init; }

    /// <summary>Blocks of the cache.</summary>
    public int CacheBlocks { get; init; }

    /// <summary>Blocks that running requests have.</summary>
    public int UsedBlocks { get; init; }

    /// <summary>Blocks that hold known tokens which no running request has.</summary>
    public int CachedBlocks { get; init; }

    /// <summary>Steps of the network.</summary>
    public long Steps { get; init; }

    /// <summary>Steps that failed.</summary>
    public long FailedSteps { get; init; }

    /// <summary>Tokens that were computed in steps.</summary>
    public long StepTokens { get; init; }

    /// <summary>Requests that took part in steps, each counted once per step.</summary>
    public long StepSequences { get; init; }

    /// <summary>Tokens of prompts.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Those of them that were found in the cache.</summary>
    public long CachedTokens { get; init; }

    /// <summary>Tokens that were made.</summary>
    public long CompletionTokens { get; init; }

    /// <summary>Requests that gave their blocks to older ones and were resumed later.</summary>
    public long Preemptions { get; init; }

    /// <summary>Tokens that were guessed ahead.</summary>
    public long DraftTokens { get; init; }

    /// <summary>Those of them that were right.</summary>
    public long AcceptedTokens { get; init; }

    /// <summary>Seconds that reading prompts took, each request's counted for itself.</summary>
    public double PromptSeconds { get; init; }

    /// <summary>Seconds that making answers took, each request's counted for itself.</summary>
    public double CompletionSeconds { get; init; }

    /// <summary>Tokens of the longest request that is done, prompt and answer together.</summary>
    public int LongestSequence { get; init; }
}
