using System.Text.RegularExpressions;

namespace Hearth.Store.Manifests;

/// <summary>Tells the languages of chat templates apart.</summary>
internal static partial class TemplateLanguages
{
    // What an action of Go's text/template can begin with, apart from '.', '$', literals and parentheses: keywords and functions, of Ollama too.
    private static readonly HashSet<string> s_goWords =
    [
        "if", "else", "end", "range", "with", "define", "block", "template", "break", "continue", "nil", "true", "false",
        "and", "or", "not", "call", "html", "index", "slice", "js", "len", "print", "printf", "println", "urlquery",
        "eq", "ne", "lt", "le", "gt", "ge", "json", "currentDate", "yesterdayDate", "toTypeScriptType",
    ];

    /// <summary>The language of a template: Jinja where it has statements or comments of Jinja, or prints what is no action of Go's.</summary>
    public static TemplateLanguage Tell(string text) =>
        text.Contains("{%", StringComparison.Ordinal) || text.Contains("{#", StringComparison.Ordinal) || FirstWords().EnumerateMatches(text) is var words && AnyOther(text, words)
            ? TemplateLanguage.Jinja
            : TemplateLanguage.Go;

    private static bool AnyOther(string text, Regex.ValueMatchEnumerator words)
    {
        foreach (ValueMatch word in words)
        {
            ReadOnlySpan<char> name = text.AsSpan(word.Index, word.Length).TrimStart("{- \t\r\n");
            if (!s_goWords.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"\{\{-?\s*[A-Za-z_][A-Za-z0-9_]*")]
    private static partial Regex FirstWords();
}
