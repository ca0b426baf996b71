using System.Numerics;
using System.Text.Json;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>The types of JSON's values.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Fraction = 8,
    Number = Integer | Fraction,
    String = 16,
    Array = 32,
    Object = 64,
    All = Null | Boolean | Number | String | Array | Object,
}

/// <summary>
/// What several places of a schema ask of a value together, without their <c>$ref</c>, <c>allOf</c>, <c>anyOf</c> and <c>oneOf</c>.
/// </summary>
internal sealed class SchemaShape
{
    private const int MaxScale = 15;
    private const int MaxDivisor = 4096;
    private HashSet<JsonElement>? _listed;
    private bool _saysType;

    /// <exception cref="GrammarException">A keyword is wrong or not supported.</exception>
    public SchemaShape(IReadOnlyList<SchemaLocation> locations)
    {
        Locations = locations;
        JsonTypes implied = JsonTypes.None;
        foreach (SchemaLocation location in locations)
        {
            SchemaKeywords.Check(location);
            ReadType(location);
            ReadValues(location);
            implied |= ReadNumber(location) | ReadString(location) | ReadCounts(location);
        }

        // Whoever describes properties and forgets the type means an object.
        if (!_saysType && implied != JsonTypes.None && Values is null)
        {
            Types = implied;
        }
    }

    /// <summary>The places.</summary>
    public IReadOnlyList<SchemaLocation> Locations { get; }

    /// <summary>The types that are left.</summary>
    public JsonTypes Types { get; private set; } = JsonTypes.All;

    /// <summary>The values that are left; null for any.</summary>
    public IReadOnlyList<JsonElement>? Values
    {
        get;
        private set => (field, _listed) = (value, null);
    }

    /// <summary>Whether a value is one of <see cref="Values"/>, or there are none listed.</summary>
    public bool Lists(JsonElement value) => Values is null || (_listed ??= new HashSet<JsonElement>(Values, JsonValueComparer.Instance)).Contains(value);

    /// <summary>The lower end of numbers.</summary>
    public NumberBound? Minimum { get; private set; }

    /// <summary>The upper end of numbers.</summary>
    public NumberBound? Maximum { get; private set; }

    /// <summary>What numbers are multiples of; 0 for nothing.</summary>
    public int Divisor { get; private set; }

    /// <summary>Characters of strings at least.</summary>
    public int MinLength { get; private set; }

    /// <summary>Characters of strings at most.</summary>
    public int? MaxLength { get; private set; }

    /// <summary>Expressions that strings match.</summary>
    public List<(string Pattern, SchemaLocation Location)> Patterns { get; } = [];

    /// <summary>Formats of strings.</summary>
    public List<string> Formats { get; } = [];

    /// <summary>Items at least.</summary>
    public int MinItems { get; private set; }

    /// <summary>Items at most.</summary>
    public int? MaxItems { get; private set; }

    /// <summary>Properties at least.</summary>
    public int MinProperties { get; private set; }

    /// <summary>Properties at most.</summary>
    public int? MaxProperties { get; private set; }

    /// <summary>Names that must be there, in order.</summary>
    public List<string> Required { get; } = [];

    private void ReadType(SchemaLocation location)
    {
        if (location["type"] is not JsonElement type)
        {
            return;
        }

        JsonTypes types = JsonTypes.None;
        foreach (JsonElement name in type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type])
        {
            types |= (name.ValueKind == JsonValueKind.String ? name.GetString() : null) switch
            {
                "null" => JsonTypes.Null,
                "boolean" => JsonTypes.Boolean,
                "integer" => JsonTypes.Integer,
                "number" => JsonTypes.Number,
                "string" => JsonTypes.String,
                "array" => JsonTypes.Array,
                "object" => JsonTypes.Object,
                _ => throw location.Bad("type", "is not one of null, boolean, integer, number, string, array and object, or a list of these."),
            };
        }

        if (location["nullable"] is { ValueKind: JsonValueKind.True })
        {
            types |= JsonTypes.Null;
        }

        Types &= types;
        _saysType = true;
    }

    private void ReadValues(SchemaLocation location)
    {
        if (location["enum"] is JsonElement list)
        {
            if (list.ValueKind != JsonValueKind.Array)
            {
                throw location.Bad("enum", "is no list.");
            }

            Keep([.. list.EnumerateArray()]);
        }

        if (location["const"] is JsonElement only)
        {
            Keep([only]);
        }
    }

    private void Keep(IReadOnlyList<JsonElement> values) => Values = Values is null
        ? values
        : [.. Values.Where(new HashSet<JsonElement>(values, JsonValueComparer.Instance).Contains)];

    private JsonTypes ReadNumber(SchemaLocation location)
    {
        bool any = false;
        NumberBound? Bound(string keyword, bool isExclusive)
        {
            // In draft 4 the exclusive ends are flags beside the others.
            if (location[keyword] is not JsonElement value || value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                return null;
            }

            any = true;
            DecimalNumber? number = value.ValueKind == JsonValueKind.Number ? DecimalNumber.Parse(value.GetRawText()) : throw location.Bad(keyword, "is no number.");
            return number is DecimalNumber exact && exact.Scale <= MaxScale
                ? new NumberBound(exact, isExclusive)
                : throw location.Unsupported(keyword, $" with more than {MaxScale} digits behind the point.");
        }

        bool lowFlag = location["exclusiveMinimum"] is { ValueKind: JsonValueKind.True };
        bool highFlag = location["exclusiveMaximum"] is { ValueKind: JsonValueKind.True };
        foreach (NumberBound? bound in new[] { Bound("minimum", lowFlag), Bound("exclusiveMinimum", isExclusive: true) })
        {
            Minimum = bound is NumberBound low && (Minimum is not NumberBound known || IsTighter(low, known, low.Value.CompareTo(known.Value))) ? low : Minimum;
        }

        foreach (NumberBound? bound in new[] { Bound("maximum", highFlag), Bound("exclusiveMaximum", isExclusive: true) })
        {
            Maximum = bound is NumberBound high && (Maximum is not NumberBound known || IsTighter(high, known, known.Value.CompareTo(high.Value))) ? high : Maximum;
        }

        if (location["multipleOf"] is JsonElement multiple)
        {
            any = true;
            DecimalNumber? number = multiple.ValueKind == JsonValueKind.Number ? DecimalNumber.Parse(multiple.GetRawText()) : null;
            if (number is not DecimalNumber exact || exact.Units <= 0)
            {
                throw location.Bad("multipleOf", "is no number above 0.");
            }

            BigInteger divisor = Divisor == 0 ? exact.Units : Divisor / BigInteger.GreatestCommonDivisor(Divisor, exact.Units) * exact.Units;
            Divisor = exact.IsWhole && divisor <= MaxDivisor
                ? (int)divisor
                : throw location.Unsupported("multipleOf", $", other than whole numbers up to {MaxDivisor}.");
        }

        return any ? JsonTypes.Number : JsonTypes.None;
    }

    private static bool IsTighter(NumberBound bound, NumberBound known, int order) => order > 0 || (order == 0 && bound.IsExclusive && !known.IsExclusive);

    private JsonTypes ReadString(SchemaLocation location)
    {
        MinLength = Math.Max(MinLength, location.Count("minLength") ?? 0);
        MaxLength = Least(MaxLength, location.Count("maxLength"));
        bool any = location["minLength"] is not null || location["maxLength"] is not null;
        if (location["pattern"] is JsonElement pattern)
        {
            any = true;
            Patterns.Add((pattern.ValueKind == JsonValueKind.String ? pattern.GetString()! : throw location.Bad("pattern", "is no string."), location));
        }

        if (location["format"] is not JsonElement format)
        {
            return any ? JsonTypes.String : JsonTypes.None;
        }

        string name = format.ValueKind == JsonValueKind.String ? format.GetString()! : throw location.Bad("format", "is no string.");
        if (name is "int32" or "int64" or "float" or "double")
        {
            ReadNumberFormat(name);
            return (any ? JsonTypes.String : JsonTypes.None) | JsonTypes.Number;
        }

        if (!StringFormats.IsKnown(name))
        {
            throw location.Unsupported("format", $" with the value '{name}'; known are {string.Join(", ", StringFormats.Names)}, int32, int64, float and double.");
        }

        if (!Formats.Contains(name))
        {
            Formats.Add(name);
        }

        return JsonTypes.String;
    }

    // Longer integers are not made at all, so int64 needs no ends.
    private void ReadNumberFormat(string name)
    {
        if (name != "int32")
        {
            return;
        }

        NumberBound low = new(new DecimalNumber(int.MinValue, 0), IsExclusive: false);
        NumberBound high = new(new DecimalNumber(int.MaxValue, 0), IsExclusive: false);
        Minimum = Minimum is NumberBound least && least.Value.CompareTo(low.Value) >= 0 ? Minimum : low;
        Maximum = Maximum is NumberBound most && most.Value.CompareTo(high.Value) <= 0 ? Maximum : high;
    }

    private JsonTypes ReadCounts(SchemaLocation location)
    {
        MinItems = Math.Max(MinItems, location.Count("minItems") ?? 0);
        MaxItems = Least(MaxItems, location.Count("maxItems"));
        MinProperties = Math.Max(MinProperties, location.Count("minProperties") ?? 0);
        MaxProperties = Least(MaxProperties, location.Count("maxProperties"));
        if (location["required"] is JsonElement required && required.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            if (required.ValueKind != JsonValueKind.Array || required.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String))
            {
                throw location.Bad("required", "is no list of names.");
            }

            Required.AddRange(required.EnumerateArray().Select(name => name.GetString()!).Except(Required).ToArray());
        }

        JsonTypes implied = JsonTypes.None;
        foreach (string keyword in (ReadOnlySpan<string>)["properties", "patternProperties", "additionalProperties", "propertyNames", "required", "minProperties", "maxProperties"])
        {
            implied |= location[keyword] is null ? JsonTypes.None : JsonTypes.Object;
        }

        foreach (string keyword in (ReadOnlySpan<string>)["items", "prefixItems", "minItems", "maxItems"])
        {
            implied |= location[keyword] is null ? JsonTypes.None : JsonTypes.Array;
        }

        return implied;
    }

    private static int? Least(int? first, int? second) => first is null ? second : second is null ? first : Math.Min(first.Value, second.Value);

    /// <summary>The ends for whole numbers.</summary>
    public (NumberBound? Low, NumberBound? High) WholeBounds()
    {
        static BigInteger Floor(DecimalNumber number)
        {
            BigInteger power = BigInteger.Pow(10, number.Scale);
            BigInteger quotient = BigInteger.DivRem(number.Units, power, out BigInteger remainder);
            return remainder.Sign < 0 ? quotient - 1 : quotient;
        }

        NumberBound? low = null;
        NumberBound? high = null;
        if (Minimum is NumberBound least)
        {
            BigInteger floor = Floor(least.Value);
            low = new NumberBound(new DecimalNumber(least.Value.IsWhole && !least.IsExclusive ? floor : floor + 1, 0), IsExclusive: false);
        }

        if (Maximum is NumberBound most)
        {
            BigInteger floor = Floor(most.Value);
            high = new NumberBound(new DecimalNumber(most.Value.IsWhole && most.IsExclusive ? floor - 1 : floor, 0), IsExclusive: false);
        }

        return (low, high);
    }

    /// <summary>Whether a number is within the ends, and a multiple of what it must be.</summary>
    public bool Accepts(DecimalNumber number)
    {
        int low = Minimum is NumberBound least ? number.CompareTo(least.Value) : 1;
        int high = Maximum is NumberBound most ? number.CompareTo(most.Value) : -1;
        return (low > 0 || (low == 0 && !Minimum!.Value.IsExclusive)) && (high < 0 || (high == 0 && !Maximum!.Value.IsExclusive))
            && (Divisor == 0 || (number.IsWhole && number.Units % Divisor == 0))
            && (Types & (number.IsWhole ? JsonTypes.Integer : JsonTypes.Fraction)) != 0;
    }
}
