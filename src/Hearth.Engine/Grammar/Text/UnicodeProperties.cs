using System.Collections.Concurrent;


namespace Hearth.Engine.Grammar.Text;

/// <summary>The general categories of Unicode, by the names that expressions use.</summary>
internal static class UnicodeProperties
{
    private static readonly string[] s_names =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static readonly ConcurrentDictionary<string, CharacterSet> s_known = [];

    /// <summary>The characters of a category (<c>Lu</c>) or a group of categories (<c>L</c>, <c>Letter</c>), or null.</summary>
    public static CharacterSet? Find(string name)
    {
        string category = name switch
        {
            "Letter" => "L",
            "Mark" => "M",
            "Number" => "N",
            "Punctuation" => "P",
            "Symbol" => "S",
            "Separator" => "Z",
            "Uppercase_Letter" => "Lu",
            "Lowercase_Letter" => "Ll",
            "Decimal_Number" => "Nd",
            _ => name,
        };
        bool[] includes = [.. s_names.Select(known => known == category || (category.Length == 1 && known[0] == category[0]))];
        return includes.Contains(true) ? s_known.GetOrAdd(category, _ => CharacterSet.OfCategories(value => includes[(int)value])) : null;
    }

}
