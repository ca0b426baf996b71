using System.Diagnostics;

namespace Hearth.Benchmarks.Load;

/// <summary>What came of a request. Times are time stamps of <see cref="Stopwatch"/>.</summary>
internal sealed class RequestResult(long started)
{
    /// <summary>When it was sent, or in an open loop when it should have been.</summary>
    public long Started { get; } = started;

    public long Ended { get; set; }

    /// <summary>When each event with text came.</summary>
    public List<long> Texts { get; } = [];

    /// <summary>The tokens that the answer should have had.</summary>
    public int WantedTokens { get; init; }

    public int? PromptTokens { get; set; }

    public int? CachedTokens { get; set; }

    /// <summary>Tokens of the answer as the server counts them.</summary>
    public int? AnswerTokens { get; set; }

    public bool HungUp { get; set; }

    public Failure? Failure { get; set; }

    public bool IsCompleted => Failure is null && !HungUp;

    /// <summary>Tokens that came: as counted by the server, or where it did not get to that, at least one for each event.</summary>
    public int Tokens => AnswerTokens ?? Texts.Count;

    public double? FirstTokenMilliseconds => Texts.Count == 0 ? null : Milliseconds(Started, Texts[0]);

    /// <summary>Milliseconds of the whole request.</summary>
    public double TotalMilliseconds => Milliseconds(Started, Ended);

    /// <summary>Milliseconds between events with text.</summary>
    public IEnumerable<double> Gaps => Texts.Zip(Texts.Skip(1), Milliseconds);

    public static double Milliseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;
}
