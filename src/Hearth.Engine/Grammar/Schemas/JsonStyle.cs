using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>
/// Where white space stands in JSON. A text keeps to one of the styles, which its first places for white space decide: what follows is then mostly
/// certain.
/// </summary>
internal sealed class JsonStyle
{
    private const int MaxSpaces = 64;
    private const int MaxTabs = 16;

    private JsonStyle(int index, Expression comma, Expression colon, Expression inside)
    {
        Index = index;
        Comma = comma;
        Colon = colon;
        Inside = inside;
    }

    /// <summary>The style's place among those of a compiler.</summary>
    public int Index { get; }

    /// <summary>Between members.</summary>
    public Expression Comma { get; }

    /// <summary>Between a name and its value.</summary>
    public Expression Colon { get; }

    /// <summary>After an opening bracket and before the closing one, where there are members.</summary>
    public Expression Inside { get; }

    /// <summary>After the opening bracket of the whole text.</summary>
    public Expression InsideRoot { get; private init; } = Expression.Empty;

    /// <summary>The styles: none at all, a space after each comma and colon, and members on lines of their own.</summary>
    public static IReadOnlyList<JsonStyle> Create(AutomatonBuilder builder)
    {
        Expression line = Expression.Call(builder.AddRule("line", Expression.Sequence(
            Expression.Literal("\n"),
            Expression.Choice(
                Expression.Repeat(Expression.Literal(" "), 0, MaxSpaces),
                Expression.Repeat(Expression.Literal("\t"), 1, MaxTabs)))));
        Expression space = Expression.Literal(" ");
        Expression comma = Expression.Literal(",");
        return
        [
            new JsonStyle(0, comma, Expression.Literal(":"), Expression.Empty),
            new JsonStyle(1, Expression.Literal(", "), Expression.Literal(": "), Expression.Empty),
            new JsonStyle(2, Expression.Sequence(comma, Expression.Choice(space, line)), Expression.Literal(": "), Expression.Optional(line)) { InsideRoot = line },
        ];
    }
}
