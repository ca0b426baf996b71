namespace Hearth.Engine.Grammar.Text;

/// <summary>How often something is repeated.</summary>
/// <param name="Least">How often at least.</param>
/// <param name="Most">How often at most; null for any number.</param>
internal readonly record struct Quantifier(int Least, int? Most)
{
    /// <summary>What <c>*</c>, <c>+</c> and <c>?</c> mean; null for any other character.</summary>
    public static Quantifier? OfSymbol(char symbol) => symbol switch
    {
        '*' => new Quantifier(0, null),
        '+' => new Quantifier(1, null),
        '?' => new Quantifier(0, 1),
        _ => null,
    };
}
