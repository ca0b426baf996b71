namespace Hearth.Engine.Grammar;

/// <summary>What keeps hostile grammars and schemas from taking all time and memory.</summary>
internal static class GrammarLimits
{
    /// <summary>Characters of a schema, a grammar or a regular expression.</summary>
    public const int SourceLength = 1 << 20;

    /// <summary>How deep a schema, and the groups of a grammar or an expression, may be nested.</summary>
    public const int Nesting = 200;

    /// <summary>Quantifiers of one item, one after the other.</summary>
    public const int Quantifiers = 3;

    /// <summary>States of an automaton.</summary>
    public const int States = 1_000_000;

    /// <summary>States of a condition on a string that is to be combined with others.</summary>
    public const int RegularStates = 100_000;

    /// <summary>Transitions of an automaton.</summary>
    public const int Transitions = 4_000_000;

    /// <summary>How often something may be repeated by number.</summary>
    public const int Repetitions = 100_000;

    /// <summary>States of the product of several conditions on one string.</summary>
    public const int ProductStates = 50_000;

    /// <summary>Work that all products of a schema may take, in places looked at.</summary>
    public const long ProductWork = 3_000_000;

    /// <summary>Ways in which the alternatives of one schema may be combined.</summary>
    public const int Combinations = 1024;

    /// <summary>Places in the grammar where one text may be at the same time.</summary>
    public const int Alternatives = 20_000;

    /// <summary>Readings of a text that differ only in who waits for the end of a rule.</summary>
    public const int Readings = 2048;

    /// <summary>Work that a step may take, in places looked at: some hundredths of a second.</summary>
    public const long StepWork = 400_000;

    /// <summary>Work that the tokens allowed at one place may take, which is done once.</summary>
    public const long MaskWork = 10_000_000;

    /// <summary>Bytes of a token that may be used under a constraint.</summary>
    public const int TokenBytes = 256;
}
