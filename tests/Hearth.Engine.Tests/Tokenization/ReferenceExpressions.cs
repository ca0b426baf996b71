using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tests.Tokenization;

/// <summary>
/// The pre-tokenizers as regular expressions, run the way the reference implementation runs them: on a text with one character for each
/// code point, where all code points of a
/// category beyond ASCII are the same character. The splitters must cut as these do.
/// </summary>
internal static class ReferenceExpressions
{
    private const string Contraction = @"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Tail = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string SlashTail = @"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Llama3 = Contraction + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + Tail;
    private const string Qwen2 = Contraction + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + Tail;
    private const string CasedFirst = @"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+";
    private const string CasedSecond = @"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))+((?=[\p{L}])([^A-Z]))*";
    private const string Joined = @"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]*[\p{L}\p{M}]+" + Contraction
        + @"?|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+[\p{L}\p{M}]*" + Contraction + "?";
    private const string DeepSeek3 = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|"
        + @"[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Bloom = @" ?[^(\s|.,!?…。，、।۔،)]+";

    private static readonly ConcurrentDictionary<string, Regex> s_regexes = new();

    /// <summary>Expressions by one of the names that stand for them.</summary>
    public static Dictionary<string, string[]> ByName { get; } = new()
    {
        ["default"] = [@"[\p{P}\$\+<=>\^~\|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"],
        ["gpt-2"] = [Gpt2],
        ["starcoder"] = [@"\p{N}", Gpt2],
        ["falcon"] = [@"[\p{P}\$\+<=>\^~\|`]+", Gpt2, "[0-9][0-9][0-9]"],
        ["llama-bpe"] = [Llama3],
        ["qwen2"] = [Qwen2],
        ["qwen35"] = [Contraction + @"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
        ["jais-2"] =
        [
            Contraction + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
                + @"\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|"
                + @"\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}",
        ],
        ["bailingmoe"] =
        [
            @"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
        ],
        ["seed-coder"] = [Contraction + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"],
        ["exaone-moe"] =
        [
            Contraction + @"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+",
        ],
        ["minicpm5"] = [@"\p{N}{1,3}", Contraction + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+" + Tail],
        ["laguna"] = [@"[^\n]+|[\n]+", Qwen2],
        ["tekken"] = [CasedFirst + "|" + CasedSecond + @"|\p{N}" + SlashTail],
        ["gpt-4o"] = [CasedFirst + Contraction + "?|" + CasedSecond + Contraction + @"?|\p{N}{1,3}" + SlashTail],
        ["granite-embed-multi-97m"] =
        [
            CasedFirst.Replace(@"(?=[\p{L}])", @"(?=[\p{L}\p{M}])", StringComparison.Ordinal) + Contraction + "?|"
                + CasedSecond.Replace(@"(?=[\p{L}])", @"(?=[\p{L}\p{M}])", StringComparison.Ordinal) + Contraction + @"?|\p{N}{1,3}"
                    + SlashTail,
        ],
        ["youtu"] =
        [
            "[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+", Joined + @"|\p{N}" + SlashTail,
        ],
        ["deepseek-v3"] = [@"\p{N}{1,3}", "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+", DeepSeek3],
        ["deepseek-coder"] = ["[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+", @"\p{N}"],
        ["bloom"] = [Bloom],
        ["viking"] = [Bloom, @"\p{N}"],
        ["superbpe"] = [@"\p{N}+", @"(?=([0-9]{3})+(?![0-9]))"],
        ["chameleon"] = ["<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", @"([\t\n]|    |  )", @"\p{N}",
            @"[\p{P}!-/:-@\[-`{-~]", Gpt2],
        ["gemma4"] = [@"[^\n]+|[\n]+"],
        ["whitespace"] = [@"\S+"],
    };

    /// <summary>The ends of the words of a text, in code points.</summary>
    public static List<int> Split(string name, CodePointText text)
    {
        string byCategory = Collapse(text, categories: true), byCodePoint = Collapse(text, categories: false);
        List<int> ends = [text.Length];
        foreach (string expression in ByName[name])
        {
            bool categories = expression.Contains(@"\p{", StringComparison.Ordinal);
            Regex regex = s_regexes.GetOrAdd(expression, static (text, replace) => new Regex(replace ? ReplaceCategories(text) : text),
                categories);
            ends = Split(categories ? byCategory : byCodePoint, regex, ends);
        }

        return ends;
    }

    private static List<int> Split(string text, Regex expression, List<int> ends)
    {
        List<int> result = [];
        int start = 0;
        foreach (int end in ends)
        {
            int done = start;
            foreach (Match match in expression.Matches(text[start..end]))
            {
                Add(result, done, start + match.Index);
                done = start + match.Index + match.Length;
                Add(result, start + match.Index, done);
            }

            Add(result, done, end);
            start = end;
        }

        return result;
    }

    private static void Add(List<int> ends, int start, int end)
    {
        if (end > start)
        {
            ends.Add(end);
        }
    }

    private static string Collapse(CodePointText text, bool categories)
    {
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            int codePoint = text.CodePoints[i];
            CharacterClass found = text.Classes[i];
            char beyond = categories ? CategoryCharacter(found) : codePoint < 0x10000 ? (char)codePoint : '\uE001';
            result.Append(codePoint < 0x80 ? (char)codePoint : (found & CharacterClass.WhiteSpace) != 0 ? '\v' : beyond);
        }

        return result.ToString();
    }

    private static char CategoryCharacter(CharacterClass found) => found switch
    {
        CharacterClass.Number => '\u00D1',
        CharacterClass.Letter => '\u00D2',
        CharacterClass.Punctuation => '\u00D3',
        CharacterClass.Mark => '\u00D4',
        CharacterClass.Symbol => '\u00D5',
        _ => '\u00D0',
    };

    // Inside brackets the members, elsewhere a bracket with them.
    private static string ReplaceCategories(string expression)
    {
        StringBuilder result = new();
        bool inside = false;
        for (int i = 0; i < expression.Length; i++)
        {
            if (expression[i] == '\\' && i + 1 < expression.Length)
            {
                if (expression[i + 1] == 'p')
                {
                    string members = Members(expression[i + 3]);
                    result.Append(inside ? members : $"[{members}]");
                    i += 4;
                }
                else
                {
                    result.Append(expression, i++, 2);
                }

                continue;
            }

            inside = expression[i] switch { '[' => true, ']' => false, _ => inside };
            result.Append(expression[i]);
        }

        return result.ToString();
    }

    private static string Members(char category) => category switch
    {
        'N' => @"\u00D10-9",
        'L' => @"\u00D2A-Za-z",
        'P' => @"\u00D3!-#%-*,-/:;?@\[-\]_{}",
        'M' => @"\u00D4",
        _ => @"\u00D5$+<=>^`|",
    };
}
