using System.Text.Json;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>
/// Turns a JSON Schema (2020-12) into an automaton of texts that satisfy it. It may leave out some values that would satisfy the schema, such as
/// properties in another order than they are described in; it never lets one in that does not.
/// </summary>
internal sealed class SchemaCompiler
{
    private readonly AutomatonBuilder _builder = new();
    private readonly SchemaDocument _document;
    private readonly SchemaExpansion _expansion;
    private readonly SchemaInstances _instances;
    private readonly ProductBudget _budget = new();
    private readonly IReadOnlyList<JsonStyle> _styles;
    private readonly Dictionary<(string Key, int Style), int> _values = [];
    private readonly Dictionary<string, int> _scalars = [];
    private readonly Dictionary<SchemaShape, SchemaMembers> _members = [];
    private readonly Queue<(IReadOnlyList<SchemaShape> Shapes, JsonStyle Style, int Rule)> _open = [];

    private SchemaCompiler(JsonElement schema)
    {
        _document = new SchemaDocument(schema);
        _expansion = new SchemaExpansion(_document);
        _instances = new SchemaInstances(_document, _expansion);
        _styles = JsonStyle.Create(_builder);
    }

    /// <summary>Compiles a schema.</summary>
    /// <param name="schema">The schema, whose document stays open meanwhile.</param>
    /// <exception cref="GrammarException">The schema is broken, asks for what is not supported, or nothing satisfies it.</exception>
    public static PushdownAutomaton Compile(JsonElement schema)
    {
        SchemaCompiler compiler = new(schema);
        return PushdownAutomaton.Create(compiler._builder, compiler.CompileRoot(), "schema");
    }

    private int CompileRoot()
    {
        int root = _builder.AddRule("schema");
        IReadOnlyList<SchemaShape> shapes = _expansion.Expand([_document.Root]);
        foreach (JsonStyle style in _styles)
        {
            // Values without members are the same in every style.
            foreach (SchemaShape shape in shapes)
            {
                Define(root, shape, style, isRoot: true, withScalars: style.Index == 0);
            }
        }

        while (_open.TryDequeue(out (IReadOnlyList<SchemaShape> Shapes, JsonStyle Style, int Rule) next))
        {
            foreach (SchemaShape shape in next.Shapes)
            {
                Define(next.Rule, shape, next.Style, isRoot: false, withScalars: true);
            }
        }

        return root;
    }

    // A value that satisfies all of some places.
    private Expression Value(IReadOnlyList<SchemaLocation> locations, JsonStyle style)
    {
        IReadOnlyList<SchemaShape> shapes = _expansion.Expand(locations);
        bool hasMembers = shapes.Any(shape => HasMembers(shape));
        (string, int) key = (SchemaExpansion.KeyOf(locations), hasMembers ? style.Index : 0);
        if (!_values.TryGetValue(key, out int rule))
        {
            rule = _builder.AddRule("value");
            _values.Add(key, rule);
            _open.Enqueue((shapes, style, rule));
        }

        return Expression.Call(rule);
    }

    private static bool HasMembers(SchemaShape shape) => shape.Values is IReadOnlyList<JsonElement> values
        ? values.Any(value => value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
        : (shape.Types & (JsonTypes.Array | JsonTypes.Object)) != 0;

    private void Define(int rule, SchemaShape shape, JsonStyle style, bool isRoot, bool withScalars)
    {
        if (shape.Values is IReadOnlyList<JsonElement> values)
        {
            // Listed values have no form in which each member has its own line.
            bool isListed = !(isRoot && style.InsideRoot != Expression.Empty);
            _builder.Define(rule, new LiteralsExpression(values
                .Where(value => isListed && (withScalars || value.ValueKind is JsonValueKind.Array or JsonValueKind.Object) && _instances.IsValid(value, shape))
                .Select(value => Write(value, style))));
            return;
        }

        if (withScalars)
        {
            DefineScalars(rule, shape);
        }

        if (shape.Types.HasFlag(JsonTypes.Array))
        {
            _builder.Define(rule, Array(shape, style, isRoot));
        }

        if (shape.Types.HasFlag(JsonTypes.Object))
        {
            _builder.Define(rule, Object(shape, style, isRoot));
        }
    }

    private void DefineScalars(int rule, SchemaShape shape)
    {
        if (shape.Types.HasFlag(JsonTypes.Null))
        {
            _builder.Define(rule, Expression.Literal("null"));
        }

        if (shape.Types.HasFlag(JsonTypes.Boolean))
        {
            _builder.Define(rule, Expression.Choice(Expression.Literal("true"), Expression.Literal("false")));
        }

        if (shape.Types.HasFlag(JsonTypes.Integer))
        {
            _builder.Define(rule, Number(shape));
        }

        if (shape.Types.HasFlag(JsonTypes.String))
        {
            _builder.Define(rule, String(shape));
        }
    }

    private Expression Number(SchemaShape shape)
    {
        bool isWhole = !shape.Types.HasFlag(JsonTypes.Fraction) || shape.Divisor > 0;
        if (shape.Minimum is null && shape.Maximum is null && shape.Divisor == 0)
        {
            return Scalar(isWhole ? "integer" : "number", () => isWhole ? JsonTexts.Integer : JsonTexts.Number);
        }

        (NumberBound? low, NumberBound? high) = isWhole ? shape.WholeBounds() : (shape.Minimum, shape.Maximum);
        return Scalar(
            $"number {low} {high} {isWhole} {shape.Divisor}",
            () => new NumberRangeExpression(low, high, isWhole ? 0 : JsonTexts.MaxDigits - 1, Math.Max(1, shape.Divisor)));
    }

    private Expression String(SchemaShape shape)
    {
        string key = JsonSerializer.Serialize(
            [$"{shape.MinLength}", $"{shape.MaxLength}", .. shape.Patterns.Select(pattern => pattern.Pattern), "", .. shape.Formats], GrammarJson.Default.StringArray);
        return Scalar($"string {key}", () =>
        {
            List<Expression> conditions = Conditions(shape);
            if (conditions.Count > 0 || (shape.MinLength == 0 && shape.MaxLength is null))
            {
                return conditions.Count == 0 ? JsonTexts.String : JsonTexts.Quoted(All(conditions, []));
            }

            Expression character = shape.MaxLength is null && shape.MinLength <= 1 ? JsonTexts.Character : Scalar("character", () => JsonTexts.Character);
            return JsonTexts.Quoted(shape.MaxLength is null
                ? Expression.Sequence(Expression.Repeat(character, shape.MinLength, shape.MinLength), Expression.Repeat(JsonTexts.Character, 0, null))
                : Expression.Repeat(character, shape.MinLength, shape.MaxLength));
        });
    }

    // The conditions on the inside of a string, in canonical form; none when it is only a length.
    private static List<Expression> Conditions(SchemaShape shape)
    {
        List<Expression> conditions = [];
        foreach ((string pattern, SchemaLocation location) in shape.Patterns)
        {
            try
            {
                conditions.Add(RegexCompiler.Search(pattern, CharacterForm.Json));
            }
            catch (GrammarException exception)
            {
                throw exception.At("pattern", $"{location.Pointer}/pattern");
            }
        }

        conditions.AddRange(shape.Formats.Select(StringFormats.Find).OfType<Expression>());
        if (conditions.Count > 0 && (shape.MinLength > 0 || shape.MaxLength is not null))
        {
            conditions.Add(Length(shape));
        }

        return conditions;
    }

    private static Expression Length(SchemaShape shape) => Expression.Repeat(new CharactersExpression(CharacterSet.All, CharacterForm.Json), shape.MinLength, shape.MaxLength);

    private Expression All(List<Expression> conditions, Expression[] none) =>
        conditions.Count == 1 && none.Length == 0 ? conditions[0] : new ProductExpression(conditions, none, _budget);

    private Expression Scalar(string key, Func<Expression> create)
    {
        if (!_scalars.TryGetValue(key, out int rule))
        {
            rule = _builder.AddRule(key, create());
            _scalars.Add(key, rule);
        }

        return Expression.Call(rule);
    }

    private SchemaMembers MembersOf(SchemaShape shape)
    {
        if (!_members.TryGetValue(shape, out SchemaMembers? members))
        {
            members = new SchemaMembers(_document, shape, _instances.Matches);
            _members.Add(shape, members);
        }

        return members;
    }

    private ArrayExpression Array(SchemaShape shape, JsonStyle style, bool isRoot)
    {
        SchemaMembers members = MembersOf(shape);
        Expression[] prefix = [.. Enumerable.Range(0, members.PrefixLength).Select(index => Value(members.Item(index), style))];
        Expression? rest = members.AllowsRest && !(shape.MaxItems <= prefix.Length) ? Value(members.Item(members.PrefixLength), style) : null;
        return new ArrayExpression(style, isRoot, prefix, rest, shape.MinItems, shape.MaxItems);
    }

    private ObjectExpression Object(SchemaShape shape, JsonStyle style, bool isRoot)
    {
        SchemaMembers members = MembersOf(shape);
        IReadOnlyList<SchemaShape>? names = members.NamePlaces.Count == 0 ? null : _expansion.Expand(members.NamePlaces);
        List<Member> ordered = [];
        HashSet<string> required = [.. shape.Required];
        foreach (string name in members.Names)
        {
            bool isRequired = required.Contains(name);
            bool isAllowed = names is null || names.Any(place => _instances.IsValidName(name, place));
            Expression body = isAllowed
                ? Expression.Sequence(Expression.Literal($"\"{CharactersExpression.ToJson(name)}\""), style.Colon, Value(members.Property(name), style))
                : Expression.Nothing;
            ordered.Add(new Member(body, isRequired));
        }

        Expression? others = Others(members, names, style);
        int? most = LimitOthers(shape, ordered, others);
        return new ObjectExpression(style, isRoot, ordered, others, most, needsAny: shape.MinProperties > 0);
    }

    // What can be counted without a memory of names: at least one, and at most so many where no described property is optional.
    private static int? LimitOthers(SchemaShape shape, List<Member> ordered, Expression? others)
    {
        int required = ordered.Count(member => member.IsRequired);
        SchemaLocation At(string keyword) => shape.Locations.First(location => location[keyword] is not null);
        if (shape.MinProperties > Math.Max(1, required))
        {
            throw At("minProperties").Unsupported("minProperties", $" above 1 and the number of required properties, here {required}.");
        }

        if (shape.MaxProperties is not int most)
        {
            return null;
        }

        if (ordered.Count == required)
        {
            if (most < required)
            {
                ordered.Add(new Member(Expression.Nothing, IsRequired: true));
            }

            return Math.Max(0, most - required);
        }

        return others is null && most >= ordered.Count
            ? null
            : throw At("maxProperties").Unsupported("maxProperties", " beside optional properties.");
    }

    private Expression? Others(SchemaMembers members, IReadOnlyList<SchemaShape>? names, JsonStyle style)
    {
        List<Expression> pairs = [];
        Expression Pair(Expression name, IReadOnlyList<SchemaLocation> value) => Expression.Sequence(JsonTexts.Quoted(name), style.Colon, Value(value, style));
        Expression[] patterns = [.. members.Patterns.Select(pattern => RegexCompiler.Search(pattern, CharacterForm.Json))];
        for (int i = 0; i < patterns.Length; i++)
        {
            IReadOnlyList<SchemaLocation> value = members.PatternProperty(members.Patterns[i]);
            pairs.AddRange(OtherNames(members, names, [patterns[i]], [.. patterns.Where((_, index) => index != i)]).Select(name => Pair(name, value)));
        }

        if (members.AllowsOthers)
        {
            IReadOnlyList<SchemaLocation> value = members.OtherProperty();
            if (_expansion.Expand(value).Count > 0)
            {
                pairs.AddRange(OtherNames(members, names, [], patterns).Select(name => Pair(name, value)));
            }
        }

        return pairs.Count == 0 ? null : Expression.Call(_builder.AddRule("property", Expression.Choice([.. pairs])));
    }

    // Names that are not described, that match some expressions and others not: alternatives.
    private IEnumerable<Expression> OtherNames(SchemaMembers members, IReadOnlyList<SchemaShape>? names, Expression[] all, Expression[] none)
    {
        if (names is null)
        {
            yield return All([new OtherNamesExpression(members.Names), .. all], none);
            yield break;
        }

        foreach (SchemaShape shape in names.Where(shape => shape.Types.HasFlag(JsonTypes.String)))
        {
            List<Expression> conditions = Conditions(shape);
            if (conditions.Count == 0 && (shape.MinLength > 0 || shape.MaxLength is not null))
            {
                conditions.Add(Length(shape));
            }

            if (shape.Values is IReadOnlyList<JsonElement> values)
            {
                conditions.Add(Expression.Choice([.. values.Where(value => value.ValueKind == JsonValueKind.String)
                    .Select(value => Expression.Literal(CharactersExpression.ToJson(value.GetString()!)))]));
            }

            yield return All([new OtherNamesExpression(members.Names), .. all, .. conditions], none);
        }
    }

    // A listed value as text in a style.
    private static string Write(JsonElement value, JsonStyle style)
    {
        string comma = style.Index == 0 ? "," : ", ";
        string colon = style.Index == 0 ? ":" : ": ";
        return value.ValueKind switch
        {
            JsonValueKind.String => $"\"{CharactersExpression.ToJson(value.GetString()!)}\"",
            JsonValueKind.Array => $"[{string.Join(comma, value.EnumerateArray().Select(item => Write(item, style)))}]",
            JsonValueKind.Object => $"{{{string.Join(comma, value.EnumerateObject().Select(property => $"\"{CharactersExpression.ToJson(property.Name)}\"{colon}{Write(property.Value, style)}"))}}}",
            _ => value.GetRawText(),
        };
    }
}
