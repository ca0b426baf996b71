using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Hearth.Cli.Commands;

/// <summary>Options that take lists of whole numbers, separated by commas; given several times they add up.</summary>
internal static class ListOptions
{
    /// <summary>A list of numbers.</summary>
    /// <param name="name">The long name.</param>
    /// <param name="alias">The short name.</param>
    /// <param name="description">What it is.</param>
    /// <param name="minimum">The least number.</param>
    /// <param name="maximum">The greatest number.</param>
    public static Option<int[]> Numbers(string name, string alias, string description, int minimum, int maximum) => new(name, alias)
    {
        Description = description,
        HelpName = "N,...",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. Words(result).Select(word => Parse(result, name, word, minimum, maximum))],
    };

    /// <summary>Pairs of numbers, one with each use of the option.</summary>
    /// <param name="name">The name.</param>
    /// <param name="description">What it is.</param>
    /// <param name="maximum">The greatest number; the least is 1.</param>
    public static Option<(int First, int Second)[]> Pairs(string name, string description, int maximum) => new(name)
    {
        Description = description,
        HelpName = "P,N",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => ParsePair(result, name, token.Value, maximum))],
    };

    private static IEnumerable<string> Words(ArgumentResult result) => result.Tokens.SelectMany(token => token.Value.Split(','));

    private static (int First, int Second) ParsePair(ArgumentResult result, string name, string text, int maximum)
    {
        if (text.Split(',') is [string first, string second])
        {
            return (Parse(result, name, first, 1, maximum), Parse(result, name, second, 1, maximum));
        }

        result.AddError($"'{name}' must be two whole numbers with a comma between them, not '{text}'.");
        return default;
    }

    private static int Parse(ArgumentResult result, string name, string word, int minimum, int maximum)
    {
        if (int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= minimum && value <= maximum)
        {
            return value;
        }

        result.AddError($"'{name}' must be whole numbers from {minimum} to {maximum}, separated by commas, not '{word}'.");
        return default;
    }
}
