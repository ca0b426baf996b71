using Hearth.Engine.Errors;

namespace Hearth.Engine.Grammar;

/// <summary>Why a grammar or a schema cannot be used.</summary>
public enum GrammarErrorKind
{
    /// <summary>The text is not a grammar, a schema or a regular expression.</summary>
    Syntax,

    /// <summary>It asks for something that is not supported; <see cref="GrammarException.Keyword"/> names it.</summary>
    Unsupported,

    /// <summary>No text satisfies it.</summary>
    Unsatisfiable,

    /// <summary>It is larger, deeper or more ambiguous than is allowed.</summary>
    TooComplex,

    /// <summary>The model's vocabulary has no token for what it requires.</summary>
    NotInVocabulary,
}

/// <summary>A grammar, a schema or a regular expression that cannot constrain an answer.</summary>
public sealed class GrammarException : Exception
{
    private GrammarException(GrammarErrorKind kind, string message, string? pointer = null, string? keyword = null, int? position = null)
        : base(ErrorMessage.Limit(message))
    {
        Kind = kind;
        Location = pointer;
        Keyword = keyword;
        Position = position;
    }

    /// <summary>Why.</summary>
    public GrammarErrorKind Kind { get; }

    /// <summary>Where in a schema, as a JSON pointer (RFC 6901); null where that says nothing.</summary>
    public string? Location { get; }

    /// <summary>The keyword or construct that is to blame, or null.</summary>
    public string? Keyword { get; }

    /// <summary>Where in a grammar or a regular expression, in characters from 0; null where that says nothing.</summary>
    public int? Position { get; }

    internal static GrammarException UnsupportedKeyword(string keyword, string pointer, string why) => new(
        GrammarErrorKind.Unsupported, $"The schema's keyword '{keyword}' at '{Shown(pointer)}' is not supported{why}", pointer, keyword);

    internal static GrammarException BadKeyword(string keyword, string pointer, string found) => new(
        GrammarErrorKind.Syntax, $"The schema's keyword '{keyword}' at '{Shown(pointer)}' {found}", pointer, keyword);

    internal static GrammarException BadSchema(string pointer, string found) => new(
        GrammarErrorKind.Syntax, $"The schema at '{Shown(pointer)}' {found}", pointer);

    internal static GrammarException UnwritableName(string name) => new(
        GrammarErrorKind.Unsupported, $"The model's way to write calls has no form for a property with the name '{Cut(name)}'.", keyword: "properties");

    internal static GrammarException WithoutTrigger() => new(
        GrammarErrorKind.Unsupported, "The grammar has texts that begin with none of its triggers, which is not supported: begin its root with them.", keyword: "trigger");

    internal static GrammarException UselessTrigger(string trigger) => new(
        GrammarErrorKind.Unsupported, $"No text of the grammar begins with its trigger '{Cut(trigger)}'.", keyword: "trigger");

    internal static GrammarException NotJson(string message) => new(GrammarErrorKind.Syntax, $"The schema is not valid JSON: {message}");

    internal static GrammarException BadGrammar(string found, int position) => new(
        GrammarErrorKind.Syntax, $"The grammar is broken at character {position}: {found}", position: position);

    internal static GrammarException UnsupportedGrammar(string construct, int position) => new(
        GrammarErrorKind.Unsupported, $"The grammar uses {construct} at character {position}, which is not supported.", keyword: construct, position: position);

    internal static GrammarException BadExpression(string pattern, string found, int position) => new(
        GrammarErrorKind.Syntax, $"The regular expression '{Cut(pattern)}' is broken at character {position}: {found}", position: position);

    internal static GrammarException UnsupportedExpression(string pattern, string construct, int position) => new(
        GrammarErrorKind.Unsupported, $"The regular expression '{Cut(pattern)}' uses {construct} at character {position}, which is not supported.",
        keyword: construct, position: position);

    internal static GrammarException LeftRecursive(string rules) => new(
        GrammarErrorKind.Unsupported, $"The grammar is left-recursive: {rules}. Write the repetition with * or +, or put the rule's name last.", keyword: "left recursion");

    internal static GrammarException NothingMatches(string what) => new(GrammarErrorKind.Unsatisfiable, $"No text satisfies the {what}.");

    internal static GrammarException TooComplex(string found, string expected) => new(
        GrammarErrorKind.TooComplex, $"The grammar or schema is too complex: {found}; expected {expected}. Make it simpler.");

    internal static GrammarException NoToken() => new(
        GrammarErrorKind.NotInVocabulary, "The model's vocabulary has no token for what the grammar or schema requires next.");

    /// <summary>The same error, found while a keyword of a schema was read.</summary>
    internal GrammarException At(string keyword, string pointer) => new(
        Kind, $"The schema's keyword '{keyword}' at '{Shown(pointer)}' cannot be used: {Message}", pointer, keyword, Position);

    private static string Shown(string pointer) => pointer.Length == 0 ? "#" : $"#{Cut(pointer)}";

    private static string Cut(string text) => text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 200), "...");
}
