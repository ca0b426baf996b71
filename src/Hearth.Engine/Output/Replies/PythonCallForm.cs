using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Schemas;

namespace Hearth.Engine.Output.Replies;

/// <summary>A call as Python writes it, with literals for named arguments: <c>f(a=1, b="x")</c>.</summary>
internal static class PythonCallForm
{
    /// <summary>A call of a tool.</summary>
    /// <param name="grammar">What it is written with.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="end">What ends all calls, as text.</param>
    /// <exception cref="GrammarException">The schema asks for what is not supported.</exception>
    internal static Expression Write(CallGrammar grammar, CallTool tool, string end)
    {
        ValueNotation notation = new() { Words = ("None", "True", "False"), Styles = 2, Excluded = [end] };
        Expression arguments = tool.Compile(notation, compiler => Expression.Choice([.. compiler.Expand()
            .Where(shape => shape.Types.HasFlag(JsonTypes.Object))
            .Select(shape => Arguments(grammar, compiler, shape))]));
        return IsWord(tool.Name, ".-") ? Expression.Sequence(Expression.Literal($"{tool.Name}("), arguments, Expression.Literal(")")) : Expression.Nothing;
    }

    private static Expression Arguments(CallGrammar grammar, SchemaCompiler compiler, SchemaShape shape)
    {
        SchemaMembers members = compiler.MembersOf(shape);
        if (shape.Values is not null)
        {
            throw shape.Locations[0].Unsupported("enum", " for all arguments together in the model's way to write calls.");
        }

        Expression Argument(Expression name, IReadOnlyList<SchemaLocation> value) => grammar.Rule(
            "argument", Expression.Sequence(name, Expression.Literal("="), Expression.Call(compiler.Compile(compiler.Expand(value), JsonTypes.All))));
        List<Member> ordered =
        [
            .. members.Names.Select(name => new Member(
                !compiler.IsValidName(name, members) ? Expression.Nothing
                    : IsWord(name, string.Empty) ? Argument(Expression.Literal(name), members.Property(name))
                    : throw GrammarException.UnwritableName(name),
                shape.Required.Contains(name))),
        ];
        Expression[] pairs = [.. compiler.OtherMembers(members).Select(other => Argument(compiler.Strings.All([other.Name, SchemaStrings.Word()], []), other.Value))];
        Expression? others = pairs.Length == 0 ? null : Expression.Choice(pairs);
        int? most = SchemaCompiler.LimitOthers(shape, ordered, others);
        Expression some = new MembersExpression(Expression.Literal(", "), ordered, others, most);
        return shape.MinProperties > 0 || ordered.Exists(member => member.IsRequired) ? some : Expression.Optional(some);
    }

    private static bool IsWord(string text, string others) =>
        text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || character == '_' || others.Contains(character, StringComparison.Ordinal));
}
