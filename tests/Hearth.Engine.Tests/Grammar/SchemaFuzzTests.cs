using System.Text;
using Hearth.Engine.Grammar;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>Changed JSON schemas: each is compiled and used, or refused, with bounded work.</summary>
public sealed class SchemaFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private protected override FuzzTarget Target { get; } = new("json-schema", bytes => GrammarFuzzing.Use(bytes, GenerationConstraint.FromJsonSchema))
    {
        Seeds = [.. KeywordSchemas.All.Concat(Enumerable.Range(0, 40).Select(seed => new RandomSchemas(seed).Next())).Select(Encoding.UTF8.GetBytes)],
        Words =
        [
            "\"type\":\"object\",", "\"type\":\"string\",", "\"type\":[\"integer\",\"null\"],", "\"properties\":{", "\"required\":[\"a\"],", "\"additionalProperties\":false,", "\"patternProperties\":{\"^a\":{}},", "\"propertyNames\":{},", "\"minProperties\":2,", "\"maxProperties\":3,",
            "\"items\":{},", "\"prefixItems\":[{}],", "\"minItems\":100000,", "\"maxItems\":5,", "\"uniqueItems\":true,", "\"contains\":{},", "\"enum\":[1,\"a\"],", "\"const\":null,", "\"minimum\":-0.5,", "\"maximum\":1e308,", "\"exclusiveMinimum\":0,", "\"multipleOf\":0.01,",
            "\"minLength\":3,", "\"maxLength\":5000,", "\"pattern\":\"^(a|b)*a$\",", "\"format\":\"date-time\",", "\"anyOf\":[{}],", "\"oneOf\":[{},{}],", "\"allOf\":[{}],", "\"not\":{},", "\"if\":{},\"then\":{},\"else\":{},", "\"$ref\":\"#\",", "\"$ref\":\"#/$defs/a\",",
            "\"$defs\":{\"a\":{\"$ref\":\"#/$defs/a\"}},", "\"$dynamicRef\":\"#a\",", "\"dependentRequired\":{\"a\":[\"b\"]},", "\"dependentSchemas\":{},", "\"unevaluatedProperties\":false,", "\"$id\":\"x\",", "\"$anchor\":\"a\",", "{}", "[]", "true", "null", "\"\\ud800\"", "1e400", ",", ":",
        ],
        IsRefusal = FuzzTarget.Refusals(typeof(GrammarException)),
        Rounds = 400,
        MaxLength = 16 * 1024,
        AllocationBase = 1L << 30,
    };
}
