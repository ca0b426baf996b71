namespace Hearth.Benchmarks.Load;

/// <summary>When a client goes away.</summary>
/// <param name="AfterTexts">After so many events with text; null: before the first.</param>
/// <param name="Wait">Before the first: after this part, from 0 to 1, of the mean time to a first token.</param>
internal readonly record struct HangUp(int? AfterTexts, double Wait);
