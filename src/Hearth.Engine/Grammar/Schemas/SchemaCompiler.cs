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
    private readonly AutomatonBuilder _builder;
    private readonly ValueNotation _notation;
    private readonly SchemaDocument _document;
    private readonly SchemaExpansion _expansion;
    private readonly SchemaInstances _instances;
    private readonly SchemaStrings _strings;
    private readonly IReadOnlyList<JsonStyle> _styles;
    private readonly Dictionary<(string Key, int Style), int> _values = [];
    private readonly Dictionary<SchemaShape, SchemaMembers> _members = [];
    private readonly Queue<(IReadOnlyList<SchemaShape> Shapes, JsonStyle Style, int Rule)> _open = [];

    /// <param name="schema">The schema, whose document stays open meanwhile.</param>
    /// <param name="builder">What gets the rules.</param>
    /// <param name="notation">How values are written.</param>
    /// <exception cref="GrammarException">The schema is broken.</exception>
    public SchemaCompiler(JsonElement schema, AutomatonBuilder builder, ValueNotation notation)
    {
        CheckTexts(schema);
        _builder = builder;
        _notation = notation;
        _document = new SchemaDocument(schema);
        _expansion = new SchemaExpansion(_document);
        _instances = new SchemaInstances(_document, _expansion);
        _strings = new SchemaStrings(builder, notation);
        _styles = [.. JsonStyle.Create(_builder).Take(notation.Styles)];
    }

    // JSON may have halves of surrogate pairs, which no text can have: they are found before anything else is looked at.
    private static void CheckTexts(JsonElement schema)
    {
        try
        {
            Read(schema);
        }
        catch (InvalidOperationException)
        {
            throw GrammarException.NotJson("a text in it has half of a surrogate pair.");
        }

        static void Read(JsonElement element)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String:
                    _ = element.GetString();
                    break;
                case JsonValueKind.Array:
                    foreach (JsonElement item in element.EnumerateArray())
                    {
                        Read(item);
                    }

                    break;
                case JsonValueKind.Object:
                    foreach (JsonProperty member in element.EnumerateObject())
                    {
                        _ = member.Name;
                        Read(member.Value);
                    }

                    break;
            }
        }
    }

    /// <summary>The strings of the schema.</summary>
    public SchemaStrings Strings => _strings;

    /// <summary>Adds the rule that values of the schema follow.</summary>
    /// <exception cref="GrammarException">The schema is broken, or asks for what is not supported.</exception>
    public int CompileRoot() => Compile(Expand(), JsonTypes.All);

    /// <summary>What the whole schema comes to.</summary>
    public IReadOnlyList<SchemaShape> Expand() => _expansion.Expand([_document.Root]);

    /// <summary>What a value comes to that satisfies all of some places.</summary>
    public IReadOnlyList<SchemaShape> Expand(IReadOnlyList<SchemaLocation> locations) => _expansion.Expand(locations);

    /// <summary>What an object's members are.</summary>
    public SchemaMembers MembersOf(SchemaShape shape)
    {
        if (!_members.TryGetValue(shape, out SchemaMembers? members))
        {
            members = new SchemaMembers(_document, shape, _instances.Matches);
            _members.Add(shape, members);
        }

        return members;
    }

    /// <summary>The strings that a shape lists, those that satisfy it; null where it lists nothing.</summary>
    public IReadOnlyList<string>? ListedStrings(SchemaShape shape) => shape.Values is null ? null
        : [.. shape.Values.Where(value => value.ValueKind == JsonValueKind.String && _instances.IsValid(value, shape)).Select(value => value.GetString()!)];

    /// <summary>Whether a text may be the name of a property.</summary>
    public bool IsValidName(string name, SchemaMembers members) =>
        members.NamePlaces.Count == 0 || _expansion.Expand(members.NamePlaces).Any(place => _instances.IsValidName(name, place));

    /// <summary>Adds a rule for a value, in any style.</summary>
    /// <param name="shapes">What it comes to.</param>
    /// <param name="types">The types that it may have of those.</param>
    public int Compile(IReadOnlyList<SchemaShape> shapes, JsonTypes types)
    {
        int root = _builder.AddRule("schema");
        foreach (JsonStyle style in _styles)
        {
            // Values without members are the same in every style.
            foreach (SchemaShape shape in shapes)
            {
                Define(root, shape, style, isRoot: true, withScalars: style.Index == 0, types);
            }
        }

        while (_open.TryDequeue(out (IReadOnlyList<SchemaShape> Shapes, JsonStyle Style, int Rule) next))
        {
            foreach (SchemaShape shape in next.Shapes)
            {
                Define(next.Rule, shape, next.Style, isRoot: false, withScalars: true, JsonTypes.All);
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

    private void Define(int rule, SchemaShape shape, JsonStyle style, bool isRoot, bool withScalars, JsonTypes only)
    {
        if (shape.Values is IReadOnlyList<JsonElement> values)
        {
            // Listed values have no form in which each member has its own line.
            bool isListed = !(isRoot && style.InsideRoot != Expression.Empty);
            JsonElement[] listed = [.. values.Where(value => isListed && only.HasFlag(TypeOf(value))
                && (withScalars || value.ValueKind is JsonValueKind.Array or JsonValueKind.Object) && _instances.IsValid(value, shape))];
            _builder.Define(rule, _notation.IsJson ? new LiteralsExpression(listed.Select(value => Write(value, style))) : Expression.Choice([.. listed.Select(value => Written(value, style))]));
            return;
        }

        JsonTypes types = shape.Types & only;
        if (withScalars)
        {
            DefineScalars(rule, shape, types);
        }

        if (types.HasFlag(JsonTypes.Array))
        {
            _builder.Define(rule, Array(shape, style, isRoot));
        }

        if (types.HasFlag(JsonTypes.Object))
        {
            _builder.Define(rule, Object(shape, style, isRoot));
        }
    }

    private void DefineScalars(int rule, SchemaShape shape, JsonTypes types)
    {
        if (types.HasFlag(JsonTypes.Null))
        {
            _builder.Define(rule, Expression.Literal(_notation.Words.Null));
        }

        if (types.HasFlag(JsonTypes.Boolean))
        {
            _builder.Define(rule, Expression.Choice(Expression.Literal(_notation.Words.True), Expression.Literal(_notation.Words.False)));
        }

        if (types.HasFlag(JsonTypes.Integer))
        {
            _builder.Define(rule, Number(shape));
        }

        if (types.HasFlag(JsonTypes.String))
        {
            _builder.Define(rule, _strings.String(shape));
        }
    }

    private static JsonTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        JsonValueKind.Number => JsonTypes.Integer,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Array => JsonTypes.Array,
        _ => JsonTypes.Object,
    };

    private Expression Number(SchemaShape shape)
    {
        bool isWhole = !shape.Types.HasFlag(JsonTypes.Fraction) || shape.Divisor > 0;
        if (shape.Minimum is null && shape.Maximum is null && shape.Divisor == 0)
        {
            return _strings.Scalar(isWhole ? "integer" : "number", () => isWhole ? JsonTexts.Integer : JsonTexts.Number);
        }

        (NumberBound? low, NumberBound? high) = isWhole ? shape.WholeBounds() : (shape.Minimum, shape.Maximum);
        return _strings.Scalar(
            $"number {low} {high} {isWhole} {shape.Divisor}",
            () => new NumberRangeExpression(low, high, isWhole ? 0 : JsonTexts.MaxDigits - 1, Math.Max(1, shape.Divisor)));
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
        List<Member> ordered = [];
        HashSet<string> required = [.. shape.Required];
        foreach (string name in members.Names)
        {
            bool isRequired = required.Contains(name);
            Expression body = IsValidName(name, members)
                ? Expression.Sequence(_strings.Name(name), style.Colon, Value(members.Property(name), style))
                : Expression.Nothing;
            ordered.Add(new Member(body, isRequired));
        }

        Expression? others = Others(members, style);
        int? most = LimitOthers(shape, ordered, others);
        return new ObjectExpression(style, isRoot, ordered, others, most, needsAny: shape.MinProperties > 0);
    }

    /// <summary>How many properties that are not described there may be; null for any number.</summary>
    // What can be counted without a memory of names: at least one, and at most so many where no described property is optional.
    public static int? LimitOthers(SchemaShape shape, List<Member> ordered, Expression? others)
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

    private Expression? Others(SchemaMembers members, JsonStyle style)
    {
        Expression[] pairs = [.. OtherMembers(members).Select(other => Expression.Sequence(_strings.Name(other.Name), style.Colon, Value(other.Value, style)))];
        return pairs.Length == 0 ? null : Expression.Call(_builder.AddRule("property", Expression.Choice(pairs)));
    }

    /// <summary>Properties that are not described by their names: what their names are, as the inside of a string, and their values.</summary>
    public IEnumerable<(Expression Name, IReadOnlyList<SchemaLocation> Value)> OtherMembers(SchemaMembers members)
    {
        Expression[] patterns = [.. members.Patterns.Select(pattern => RegexCompiler.Search(pattern, CharacterForm.Json))];
        for (int i = 0; i < patterns.Length; i++)
        {
            IReadOnlyList<SchemaLocation> value = members.PatternProperty(members.Patterns[i]);
            foreach (Expression name in OtherNames(members, [patterns[i]], [.. patterns.Where((_, index) => index != i)]))
            {
                yield return (name, value);
            }
        }

        if (!members.AllowsOthers || members.OtherProperty() is not IReadOnlyList<SchemaLocation> other || _expansion.Expand(other).Count == 0)
        {
            yield break;
        }

        foreach (Expression name in OtherNames(members, [], patterns))
        {
            yield return (name, other);
        }
    }

    // Names that are not described, that match some expressions and others not: alternatives.
    private IEnumerable<Expression> OtherNames(SchemaMembers members, Expression[] all, Expression[] none)
    {
        if (members.NamePlaces.Count == 0)
        {
            yield return _strings.All([new OtherNamesExpression(members.Names), .. all], none);
            yield break;
        }

        foreach (SchemaShape shape in _expansion.Expand(members.NamePlaces).Where(shape => shape.Types.HasFlag(JsonTypes.String)))
        {
            List<Expression> conditions = SchemaStrings.Conditions(shape, CharacterForm.Json);
            if (conditions.Count == 0 && (shape.MinLength > 0 || shape.MaxLength is not null))
            {
                conditions.Add(SchemaStrings.Length(shape, CharacterForm.Json));
            }

            if (shape.Values is IReadOnlyList<JsonElement> values)
            {
                conditions.Add(Expression.Choice([.. values.Where(value => value.ValueKind == JsonValueKind.String)
                    .Select(value => Expression.Literal(CharactersExpression.ToJson(value.GetString()!)))]));
            }

            yield return _strings.All([new OtherNamesExpression(members.Names), .. all, .. conditions], none);
        }
    }

    /// <summary>A listed value in another notation.</summary>
    private Expression Written(JsonElement value, JsonStyle style)
    {
        Expression Joined(string open, string close, IEnumerable<Expression> parts) => Expression.Sequence(
            [Expression.Literal(open), .. parts.SelectMany((part, index) => index == 0 ? [part] : new[] { style.Comma, part }), Expression.Literal(close)]);
        Expression Text(string text) => _strings.Quoted(Expression.Literal(_notation.Characters == CharacterForm.Json ? CharactersExpression.ToJson(text) : text));
        return value.ValueKind switch
        {
            JsonValueKind.Null => Expression.Literal(_notation.Words.Null),
            JsonValueKind.True => Expression.Literal(_notation.Words.True),
            JsonValueKind.False => Expression.Literal(_notation.Words.False),
            JsonValueKind.String => Text(value.GetString()!),
            JsonValueKind.Array => Joined("[", "]", value.EnumerateArray().Select(item => Written(item, style))),
            JsonValueKind.Object => Joined("{", "}", value.EnumerateObject().Select(member => Expression.Sequence(_strings.Name(member.Name), style.Colon, Written(member.Value, style)))),
            _ => Expression.Literal(value.GetRawText()),
        };
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
