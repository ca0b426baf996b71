namespace Hearth.Engine.Grammar.Text;

/// <summary>How often something is repeated.</summary>
/// <param name="Least">How often at least.</param>
/// <param name="Most">How often at most; null for any number.</param>
internal readonly record struct Quantifier(int Least, int? Most);
