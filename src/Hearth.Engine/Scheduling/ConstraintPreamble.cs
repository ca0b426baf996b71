namespace Hearth.Engine.Scheduling;

/// <summary>What a model may write in front of the text that a constraint is about: its reasoning.</summary>
/// <param name="Open">The mark that begins it, which must be one token to be allowed; null when the prompt has begun it.</param>
/// <param name="Close">The mark that ends it. The text that the constraint is about follows, behind at most some white space.</param>
public sealed record ConstraintPreamble(string? Open, string Close);
