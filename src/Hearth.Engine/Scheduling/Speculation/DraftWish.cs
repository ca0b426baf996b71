namespace Hearth.Engine.Scheduling.Speculation;

/// <summary>Guesses that are wanted from the draft model.</summary>
/// <param name="Sequence">Whose next tokens.</param>
/// <param name="State">What is remembered for it.</param>
/// <param name="Count">How many.</param>
internal readonly record struct DraftWish(ScheduledSequence Sequence, SequenceSpeculation State, int Count);
