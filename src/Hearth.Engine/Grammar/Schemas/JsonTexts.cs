using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>Texts of JSON's scalar values (RFC 8259).</summary>
internal static class JsonTexts
{
    /// <summary>Digits in front of the point: so many are exact in every reader of JSON.</summary>
    public const int MaxDigits = 15;

    /// <summary>One character of a string, escaped or not. Half a surrogate pair is none.</summary>
    public static Expression Character { get; } = Expression.Choice(
        new CharactersExpression(CharacterSet.Of((0, 0x1F), ('"', '"'), ('\\', '\\')).Complement(), CharacterForm.Plain),
        Plain("""\\(["\\/bfnrt]|u([0-9a-ceA-CEfF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))"""));

    /// <summary>A string in the form of <see cref="CharacterForm.Json"/>, without its quotes.</summary>
    public static Expression CanonicalCharacters { get; } = Expression.Repeat(new CharactersExpression(CharacterSet.All, CharacterForm.Json), 0, null);

    /// <summary>Any string.</summary>
    public static Expression String { get; } = Quoted(Expression.Repeat(Character, 0, null));

    /// <summary>Any number. Its parts have limits, so that every reader takes it for a finite number.</summary>
    public static Expression Number { get; } = Plain($"-?(0|[1-9][0-9]{{0,{MaxDigits - 1}}})(\\.[0-9]{{1,{MaxDigits}}})?([eE][+\\-]?[0-9]{{1,2}})?");

    /// <summary>Any whole number of at most <see cref="MaxDigits"/> digits.</summary>
    public static Expression Integer { get; } = Plain($"0|-?[1-9][0-9]{{0,{MaxDigits - 1}}}");

    /// <summary>Puts quotes around the inside of a string.</summary>
    public static Expression Quoted(Expression inside) => Expression.Sequence(Expression.Literal("\""), inside, Expression.Literal("\""));

    private static Expression Plain(string pattern) => RegexCompiler.Match(pattern, CharacterForm.Plain);
}
