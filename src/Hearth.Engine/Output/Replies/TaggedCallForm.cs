using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Schemas;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Output.Replies;

/// <summary>Arguments between tags, as <see cref="TaggedArguments"/> reads them.</summary>
/// <param name="end">What ends a value, as text.</param>
/// <param name="write">Writes an argument: its name, its value, and whether the value is a text.</param>
internal sealed class TaggedCallForm(string end, Func<Expression, Expression, bool, Expression> write)
{
    // What reads as something else than a text where that may be one, too.
    private static readonly Expression s_scalar = Expression.Sequence(
        CallGrammar.WhiteSpace, RegexCompiler.Match("null|true|false|[-+]?[0-9.].*", CharacterForm.Plain), CallGrammar.WhiteSpace);

    /// <summary>Whether the call itself says what a text is; otherwise the tool's schema does.</summary>
    internal bool SaysType { get; init; }

    /// <summary>All arguments of a call, with white space in between.</summary>
    /// <param name="grammar">What they are written with.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="separator">What is between two.</param>
    /// <exception cref="GrammarException">The schema asks for what is not supported.</exception>
    internal Expression Write(CallGrammar grammar, CallTool tool, Expression separator)
    {
        ValueNotation notation = new() { Excluded = [end] };
        return tool.Compile(notation, compiler => Expression.Choice([.. compiler.Expand()
            .Where(shape => shape.Types.HasFlag(JsonTypes.Object))
            .Select(shape => Members(grammar, tool, compiler, shape, separator))]));
    }

    private Expression Members(CallGrammar grammar, CallTool tool, SchemaCompiler compiler, SchemaShape shape, Expression separator)
    {
        SchemaMembers members = compiler.MembersOf(shape);
        if (shape.Values is not null)
        {
            throw shape.Locations[0].Unsupported("enum", " for all arguments together in the model's way to write calls.");
        }

        List<Member> ordered = [];
        foreach (string name in members.Names)
        {
            bool isRequired = shape.Required.Contains(name);
            Expression body = Expression.Nothing;
            if (compiler.IsValidName(name, members))
            {
                // Names end with their tags, and white space around them is nobody's.
                body = name.Length is > 0 and < CallReader.MaxName && name.Trim() == name && !name.AsSpan().ContainsAny("<>\"\r\n")
                    ? grammar.Rule("argument", Values(tool, compiler, Expression.Literal(name), name, compiler.Expand(members.Property(name))))
                    : throw GrammarException.UnwritableName(name);
            }

            ordered.Add(new Member(body, isRequired));
        }

        Expression[] pairs =
        [
            .. compiler.OtherMembers(members).Select(other => write(
                compiler.Strings.All([other.Name, SchemaStrings.BareName()], []),
                Expression.Call(compiler.Compile(compiler.Expand(other.Value), JsonTypes.All)),
                false)),
        ];
        Expression? others = pairs.Length == 0 ? null : grammar.Rule("other argument", Expression.Choice(pairs));
        int? most = SchemaCompiler.LimitOthers(shape, ordered, others);
        Expression some = new MembersExpression(separator, ordered, others, most);
        return shape.MinProperties > 0 || ordered.Exists(member => member.IsRequired) ? some : Expression.Optional(some);
    }

    private Expression Values(CallTool tool, SchemaCompiler compiler, Expression key, string name, IReadOnlyList<SchemaShape> shapes)
    {
        HashSet<string> types = TaggedArguments.TypesOf(tool.Tool.Parameters, name);
        bool isText = types.Contains("string");
        JsonTypes json = SaysType ? JsonTypes.All & ~JsonTypes.String : isText ? Scalars(types) : JsonTypes.All;
        List<Expression> values = [];
        if (shapes.Any(shape => (shape.Types & json) != 0))
        {
            values.Add(write(key, Expression.Call(compiler.Compile(shapes, json)), false));
        }

        Expression[] none = [SchemaStrings.Containing(end), .. !SaysType && (json & (JsonTypes.Null | JsonTypes.Boolean | JsonTypes.Number)) != 0 ? [s_scalar] : Array.Empty<Expression>()];
        foreach (SchemaShape shape in SaysType || isText ? shapes.Where(shape => shape.Types.HasFlag(JsonTypes.String)) : [])
        {
            Expression text = compiler.ListedStrings(shape) is IReadOnlyList<string> listed
                ? compiler.Strings.All([new LiteralsExpression(listed)], none)
                : compiler.Strings.Raw(shape, none);
            values.Add(write(key, text, true));
        }

        return Expression.Choice([.. values]);
    }

    private static JsonTypes Scalars(HashSet<string> types) =>
        (types.Contains("null") ? JsonTypes.Null : JsonTypes.None)
        | (types.Contains("boolean") ? JsonTypes.Boolean : JsonTypes.None)
        | (types.Contains("number") || types.Contains("integer") ? JsonTypes.Number : JsonTypes.None);
}
