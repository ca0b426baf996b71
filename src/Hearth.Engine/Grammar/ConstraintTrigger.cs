namespace Hearth.Engine.Grammar;

/// <summary>What begins a constraint that is lazy.</summary>
/// <param name="Text">The text; or a regular expression, as <see cref="GenerationConstraint.FromRegex"/> has it.</param>
/// <param name="IsPattern">Whether it is a regular expression.</param>
public sealed record ConstraintTrigger(string Text, bool IsPattern = false);
