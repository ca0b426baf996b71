using System.Collections.Frozen;

namespace Hearth.Server.Ui.Markdown;

/// <summary>What has to be known of a programming language to colour it: its words, its comments and its texts.</summary>
internal sealed class CodeLanguage
{
    private const string CWords = "if else for while do switch case break continue return goto default struct enum union typedef static const extern sizeof void int long short char float double unsigned signed bool true false inline volatile register auto";
    private const string CSharpWords = "abstract as async await base bool break byte case catch char checked class const continue decimal default delegate do double else enum event explicit extern false finally fixed float for foreach get if implicit in init int interface internal is lock long nameof namespace new not null object operator or and out override params partial private protected public readonly record ref required return sbyte sealed set short sizeof static string struct switch this throw true try typeof uint ulong using var virtual void volatile when where while with yield";
    private const string JavaWords = "abstract assert boolean break byte case catch char class const continue default do double else enum extends false final finally float for if implements import instanceof int interface long native new null package private protected public record return short static super switch synchronized this throw throws true try var void volatile while yield fun val when object companion override data sealed suspend in is as";
    private const string ScriptWords = "abstract any as async await boolean break case catch class const continue debugger declare default delete do else enum export extends false finally for from function get if implements import in instanceof interface keyof let new null number of private protected public readonly return set static string super switch this throw true try type typeof undefined unknown var void while with yield";
    private const string PythonWords = "and as assert async await break class continue def del elif else except False finally for from global if import in is lambda match case None nonlocal not or pass raise return self True try while with yield";
    private const string GoWords = "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var nil true false string int int64 error bool byte rune any";
    private const string RustWords = "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while i32 i64 u8 u32 u64 usize f32 f64 str String bool char Option Some None Result Ok Err Vec Box";
    private const string ShellWords = "if then else elif fi for while until do done case esac function in return exit export local echo cd set unset source sudo alias select";
    private const string SqlWords = "select from where and or not insert into values update set delete create table drop alter add primary key foreign references join left right inner outer full on as group by order having limit offset union all distinct null is in like between exists case when then else end index view with begin commit rollback int integer text varchar boolean date timestamp default unique count sum avg min max";
    private const string RubyWords = "alias and begin break case class def do else elsif end ensure false for if in module next nil not or redo require rescue retry return self super then true undef unless until when while yield attr_accessor puts";
    private const string PhpWords = "abstract and array as break case catch class const continue default do echo else elseif extends false final finally fn for foreach function if implements include interface namespace new null or private protected public require return static switch this throw true try use var while yield";

    private static readonly CodeLanguage s_plain = new(string.Empty, null, null, string.Empty, []) { IsPlain = true };

    private static readonly FrozenDictionary<string, CodeLanguage> s_languages = new (string[] Names, CodeLanguage Language)[]
    {
        (["c", "h", "cpp", "c++", "cc", "hpp", "cuda", "objc", "glsl", "hlsl"], CLike(CWords + " class namespace template typename public private protected virtual override new delete this nullptr using operator constexpr noexcept throw try catch std string vector")),
        (["cs", "csharp", "c#"], CLike(CSharpWords, "\"\"\"")),
        (["java", "kotlin", "kt", "scala", "groovy", "dart"], CLike(JavaWords, "\"\"\"")),
        (["js", "javascript", "jsx", "ts", "typescript", "tsx", "mjs"], new CodeLanguage(ScriptWords, "//", ("/*", "*/"), "\"'", ["`"])),
        (["go", "golang"], new CodeLanguage(GoWords, "//", ("/*", "*/"), "\"'", ["`"])),
        (["rust", "rs"], new CodeLanguage(RustWords, "//", ("/*", "*/"), "\"", [])),
        (["swift"], CLike("as associatedtype break case catch class continue default defer do else enum extension false fileprivate for func guard if import in init inout internal is let nil open operator override private protocol public repeat return self static struct subscript super switch throw throws true try typealias var where while async await", "\"\"\"")),
        (["php"], CLike(PhpWords)),
        (["python", "py", "python3"], new CodeLanguage(PythonWords, "#", null, "\"'", ["\"\"\"", "'''"])),
        (["ruby", "rb"], new CodeLanguage(RubyWords, "#", null, "\"'", [])),
        (["sh", "bash", "shell", "zsh", "console", "powershell", "ps1", "dockerfile", "makefile"], new CodeLanguage(ShellWords, "#", null, "\"'", [])),
        (["sql"], new CodeLanguage(SqlWords, "--", ("/*", "*/"), "'\"", []) { IgnoresCase = true }),
        (["json", "jsonc"], new CodeLanguage("true false null", "//", ("/*", "*/"), "\"", [])),
        (["yaml", "yml", "toml", "ini"], new CodeLanguage("true false null yes no on off", "#", null, "\"'", [])),
        (["css", "scss", "less"], new CodeLanguage("important", null, ("/*", "*/"), "\"'", [])),
        (["html", "xml", "svg", "razor", "xaml", "vue"], new CodeLanguage(string.Empty, null, ("<!--", "-->"), "\"", [])),
        (["lua"], new CodeLanguage("and break do else elseif end false for function goto if in local nil not or repeat return then true until while", "--", ("--[[", "]]"), "\"'", [])),
        (["haskell", "hs", "elm"], new CodeLanguage("case class data deriving do else if import in infix instance let module newtype of then type where", "--", ("{-", "-}"), "\"", [])),
        (["r"], new CodeLanguage("if else repeat while function for in next break TRUE FALSE NULL NA Inf NaN library", "#", null, "\"'", [])),
    }.SelectMany(entry => entry.Names.Select(name => (Name: name, entry.Language))).ToFrozenDictionary(entry => entry.Name, entry => entry.Language, StringComparer.OrdinalIgnoreCase);

    private readonly FrozenSet<string> _words;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly FrozenSet<string> _wordsOfAnyCase;
    private readonly string? _lineComment;
    private readonly (string Begin, string End)? _comment;
    private readonly string _quotes;
    private readonly string[] _longQuotes;

    private CodeLanguage(string words, string? lineComment, (string Begin, string End)? comment, string quotes, string[] longQuotes)
    {
        string[] list = words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _words = list.ToFrozenSet(StringComparer.Ordinal);
        _lookup = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        _wordsOfAnyCase = list.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _lineComment = lineComment;
        _comment = comment;
        _quotes = quotes;
        _longQuotes = longQuotes;
    }

    private bool IsPlain { get; init; }

    private bool IgnoresCase { get; init; }

    /// <summary>The language of a name; one without anything to colour where the name is not known.</summary>
    public static CodeLanguage Find(string name) => s_languages.GetValueOrDefault(name, s_plain);

    /// <summary>Reads the next piece.</summary>
    /// <returns>What it is, and how many characters it has, at least one.</returns>
    public (CodeKind Kind, int Length) Next(string text, int position, ref CodeState state)
    {
        if (IsPlain)
        {
            return (CodeKind.Plain, text.Length - position);
        }

        if (state.End is string open)
        {
            CodeKind kind = state.Kind;
            return (kind, LongLength(text, position, 0, open, kind, ref state));
        }

        char first = text[position];
        if (_comment is (string begin, string end) && Starts(text, position, begin))
        {
            return (CodeKind.Comment, LongLength(text, position, begin.Length, end, CodeKind.Comment, ref state));
        }

        if (_lineComment is not null && Starts(text, position, _lineComment) && (_lineComment != "#" || position == 0 || char.IsWhiteSpace(text[position - 1])))
        {
            int lineEnd = text.IndexOf('\n', position);
            return (CodeKind.Comment, (lineEnd < 0 ? text.Length : lineEnd) - position);
        }

        if (Array.Find(_longQuotes, quote => Starts(text, position, quote)) is string longQuote)
        {
            return (CodeKind.Text, LongLength(text, position, longQuote.Length, longQuote, CodeKind.Text, ref state));
        }

        return _quotes.Contains(first) ? (CodeKind.Text, QuotedLength(text, position))
            : char.IsAsciiDigit(first) ? (CodeKind.Number, WordLength(text, position, isNumber: true))
            : char.IsLetter(first) || first is '_' or '$' or '@' ? Word(text, position)
            : (CodeKind.Plain, 1);
    }

    private static CodeLanguage CLike(string words, params string[] longQuotes) => new(words, "//", ("/*", "*/"), "\"'", longQuotes);

    private (CodeKind Kind, int Length) Word(string text, int position)
    {
        int length = WordLength(text, position, isNumber: false);
        ReadOnlySpan<char> word = text.AsSpan(position, length);
        bool isWord = IgnoresCase ? _wordsOfAnyCase.Contains(word.ToString()) : _lookup.Contains(word);
        return isWord ? (CodeKind.Keyword, length)
            : position + length < text.Length && text[position + length] == '(' ? (CodeKind.Name, length)
            : (CodeKind.Plain, length);
    }

    private static int WordLength(string text, int position, bool isNumber)
    {
        int end = position + 1;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_' || (isNumber && text[end] == '.')))
        {
            end++;
        }

        return end - position;
    }

    // A text ends with its line, whether its quote does or not: an apostrophe is no text.
    private static int QuotedLength(string text, int position)
    {
        char quote = text[position];
        for (int i = position + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == quote)
            {
                return i + 1 - position;
            }
        }

        return 1;
    }

    private static int LongLength(string text, int position, int skipped, string end, CodeKind kind, ref CodeState state)
    {
        int at = text.IndexOf(end, position + skipped, StringComparison.Ordinal);
        state = at < 0 ? new CodeState(kind, end) : CodeState.Code;
        return (at < 0 ? text.Length : at + end.Length) - position;
    }

    private static bool Starts(string text, int position, string with) => string.CompareOrdinal(text, position, with, 0, with.Length) == 0;
}
