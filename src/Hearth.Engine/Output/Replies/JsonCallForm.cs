using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Output.Replies;

/// <summary>A call as a JSON object, as <see cref="JsonCalls"/> reads it.</summary>
/// <param name="NameKey">The name of the member that has the tool's name.</param>
/// <param name="ArgumentsKey">The name of the member that has the arguments, which comes behind it.</param>
internal sealed record JsonCallForm(string NameKey = "name", string ArgumentsKey = "arguments")
{
    /// <summary>A member in front of them that numbers the calls; null for none.</summary>
    internal string? NumberKey { get; init; }

    /// <summary>A member behind them for an id of nine letters and digits; null for none.</summary>
    internal string? IdKey { get; init; }

    /// <summary>A call of one of the tools.</summary>
    internal Expression Write(CallGrammar grammar) => grammar.Each(tool => Expression.Sequence(
        Expression.Literal("{"),
        grammar.Gap,
        NumberKey is null ? Expression.Empty : Sequence(grammar, NumberKey, "\"[0-9]{1,2}\"", Expression.Sequence(Expression.Literal(","), grammar.Gap)),
        Key(grammar, NameKey),
        Expression.Literal($"\"{CharactersExpression.ToJson(tool.Name)}\","),
        grammar.Gap,
        Key(grammar, ArgumentsKey),
        tool.Json(),
        IdKey is null ? Expression.Empty : Expression.Optional(Expression.Sequence(Expression.Literal(","), grammar.Gap, Sequence(grammar, IdKey, "\"[A-Za-z0-9]{9}\"", Expression.Empty))),
        grammar.Gap,
        Expression.Literal("}")));

    /// <summary>Calls in an array, behind its opening bracket.</summary>
    internal Expression WriteList(CallGrammar grammar) => Expression.Sequence(
        grammar.Gap, grammar.Several(Write(grammar), Expression.Sequence(Expression.Literal(","), grammar.Gap)), grammar.Gap, Expression.Literal("]"));

    /// <summary>An array of one call that is none.</summary>
    /// <param name="grammar">What it is written with.</param>
    /// <param name="name">The name that no tool has.</param>
    internal Expression WriteNone(CallGrammar grammar, string name) => Expression.Sequence(
        Expression.Literal("["),
        grammar.Gap,
        Expression.Literal("{"),
        grammar.Gap,
        Key(grammar, NameKey),
        Expression.Literal($"\"{name}\","),
        grammar.Gap,
        Key(grammar, ArgumentsKey),
        Expression.Literal("{}"),
        grammar.Gap,
        Expression.Literal("}"),
        grammar.Gap,
        Expression.Literal("]"),
        grammar.Gap);

    private static Expression Key(CallGrammar grammar, string key) => Expression.Sequence(Expression.Literal($"\"{key}\":"), grammar.OneSpace);

    private static Expression Sequence(CallGrammar grammar, string key, string pattern, Expression end) =>
        Expression.Sequence(Key(grammar, key), RegexCompiler.Match(pattern, CharacterForm.Plain), end);
}
