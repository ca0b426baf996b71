namespace Hearth.Benchmarks.Load;

/// <summary>All that was seen in one run of one server.</summary>
/// <param name="Results">What came of each request.</param>
/// <param name="Elapsed">From the first request to the end of the last.</param>
/// <param name="ClientTime">Processor time that this program used.</param>
internal sealed record LoadRecord(IReadOnlyList<RequestResult> Results, TimeSpan Elapsed, TimeSpan ClientTime);
