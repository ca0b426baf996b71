using System.Buffers;
using System.Text.Json;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>The strings of a schema, as a notation writes them.</summary>
/// <param name="builder">What gets the rules.</param>
/// <param name="notation">How values are written.</param>
internal sealed class SchemaStrings(AutomatonBuilder builder, ValueNotation notation)
{
    private static readonly SearchValues<char> s_structure = SearchValues.Create(":,{}[]<>|\"\n\r");
    private readonly ProductBudget _budget = new();
    private readonly Dictionary<string, int> _scalars = [];

    /// <summary>A rule that is there once, whatever asks for it.</summary>
    /// <param name="key">Its name, which says all about it.</param>
    /// <param name="create">Makes its body.</param>
    public Expression Scalar(string key, Func<Expression> create)
    {
        if (!_scalars.TryGetValue(key, out int rule))
        {
            rule = builder.AddRule(key, create());
            _scalars.Add(key, rule);
        }

        return Expression.Call(rule);
    }

    /// <summary>A string with its quotes.</summary>
    public Expression String(SchemaShape shape) => Scalar($"string {KeyOf(shape)}", () =>
    {
        List<Expression> conditions = Conditions(shape, notation.Characters);
        if (conditions.Count > 0)
        {
            return Quoted(All(conditions, []));
        }

        Expression any = notation.IsJson ? JsonTexts.Character : Character(notation.Characters);
        if (shape.MinLength == 0 && shape.MaxLength is null)
        {
            return notation.IsJson ? JsonTexts.String : Quoted(Expression.Repeat(any, 0, null));
        }

        Expression character = shape.MaxLength is null && shape.MinLength <= 1 || !notation.IsJson ? any : Scalar("character", () => any);
        return Quoted(shape.MaxLength is null
            ? Expression.Sequence(Expression.Repeat(character, shape.MinLength, shape.MinLength), Expression.Repeat(any, 0, null))
            : Expression.Repeat(character, shape.MinLength, shape.MaxLength));
    });

    /// <summary>A string as it is, without quotes.</summary>
    /// <param name="shape">What it is.</param>
    /// <param name="none">What must not be in front of its end, or what it must not be.</param>
    public Expression Raw(SchemaShape shape, params Expression[] none)
    {
        List<Expression> conditions = Conditions(shape, CharacterForm.Plain);
        if (conditions.Count == 0)
        {
            conditions.Add(Expression.Repeat(Character(CharacterForm.Plain), shape.MinLength, shape.MaxLength));
        }

        return All(conditions, none);
    }

    /// <summary>The conditions on the inside of a string; none when it is only a length.</summary>
    public static List<Expression> Conditions(SchemaShape shape, CharacterForm form)
    {
        List<Expression> conditions = [];
        foreach ((string pattern, SchemaLocation location) in shape.Patterns)
        {
            try
            {
                conditions.Add(RegexCompiler.Search(pattern, form));
            }
            catch (GrammarException exception)
            {
                throw exception.At("pattern", $"{location.Pointer}/pattern");
            }
        }

        conditions.AddRange(shape.Formats.Select(format => StringFormats.Find(format, form)).OfType<Expression>());
        if (conditions.Count > 0 && (shape.MinLength > 0 || shape.MaxLength is not null))
        {
            conditions.Add(Length(shape, form));
        }

        return conditions;
    }

    /// <summary>The length of a string as a condition.</summary>
    public static Expression Length(SchemaShape shape, CharacterForm form) => Expression.Repeat(Character(form), shape.MinLength, shape.MaxLength);

    /// <summary>What satisfies all of some conditions and none of others.</summary>
    public Expression All(List<Expression> conditions, Expression[] none) =>
        conditions.Count == 1 && none.Length == 0 ? conditions[0] : new ProductExpression(conditions, none, _budget);

    /// <summary>Puts quotes around the inside of a string, which then has none of the excluded texts.</summary>
    public Expression Quoted(Expression inside) => Expression.Sequence(
        notation.Quote, notation.Excluded.Count == 0 ? inside : All([inside], [.. notation.Excluded.Select(Containing)]), notation.Quote);

    /// <summary>A property's name.</summary>
    /// <exception cref="GrammarException">The notation cannot write it.</exception>
    public Expression Name(string name) => !notation.HasBareNames
        ? Quoted(Expression.Literal(CharactersExpression.ToJson(name)))
        : name.Length > 0 && name.AsSpan().Trim().Length == name.Length && name.AsSpan().IndexOfAny(s_structure) < 0
            ? Expression.Literal(name)
            : throw GrammarException.UnwritableName(name);

    /// <summary>A property's name of which only conditions are known.</summary>
    public Expression Name(Expression name) => notation.HasBareNames ? All([name, BareName()], []) : Quoted(name);

    /// <summary>Names that need no quotes in any notation.</summary>
    public static Expression BareName() => RegexCompiler.Match("[A-Za-z_][A-Za-z0-9_\\-]{0,63}", CharacterForm.Plain);

    /// <summary>Names that programming languages have.</summary>
    public static Expression Word() => RegexCompiler.Match("[A-Za-z_][A-Za-z0-9_]{0,63}", CharacterForm.Plain);

    /// <summary>Texts that have a text in them.</summary>
    public static Expression Containing(string text) => Expression.Sequence(AnyBytes(), Expression.Literal(text), AnyBytes());

    private static Expression AnyBytes() => Expression.Repeat(Expression.Bytes(byte.MinValue, byte.MaxValue), 0, null);

    private static CharactersExpression Character(CharacterForm form) => new(CharacterSet.All, form);

    private static string KeyOf(SchemaShape shape) => JsonSerializer.Serialize(
        [$"{shape.MinLength}", $"{shape.MaxLength}", .. shape.Patterns.Select(pattern => pattern.Pattern), "", .. shape.Formats], GrammarJson.Default.StringArray);
}
