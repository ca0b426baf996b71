using Hearth.Engine.Grammar;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>Each keyword: values that satisfy it are accepted, others are not. The validator of the tests has to agree.</summary>
public sealed class SchemaKeywordTests
{
    [Theory]
    [InlineData("""{"type":"null"}""", "null", "0")]
    [InlineData("""{"type":"boolean"}""", "false", "\"false\"")]
    [InlineData("""{"type":"integer"}""", "-12", "1.5")]
    [InlineData("""{"type":"number"}""", "-1.5e-3", "\"1\"")]
    [InlineData("""{"type":"string"}""", "\"a\\u00e9\\ud83d\\ude00\\n\"", "1")]
    [InlineData("""{"type":"array"}""", "[1, [], {}]", "{}")]
    [InlineData("""{"type":"object"}""", """{"a":{"b":[]}}""", "[]")]
    [InlineData("""{"type":["integer","null"]}""", "null", "\"\"")]
    [InlineData("true", "[null, true]", "nul")]
    [InlineData("""{"enum":["a",2,[1,{"b":null}]]}""", """[1,{"b":null}]""", "\"b\"")]
    [InlineData("""{"enum":["a","b"],"type":"string","pattern":"^b"}""", "\"b\"", "\"a\"")]
    [InlineData("""{"const":{"a":[1,2]}}""", """{"a": [1, 2]}""", """{"a":[1]}""")]
    [InlineData("""{"type":"integer","minimum":-7,"maximum":120}""", "-7", "-8")]
    [InlineData("""{"type":"integer","minimum":-7,"maximum":120}""", "120", "121")]
    [InlineData("""{"type":"integer","exclusiveMinimum":9,"exclusiveMaximum":100}""", "99", "9")]
    [InlineData("""{"type":"integer","exclusiveMinimum":9,"exclusiveMaximum":100}""", "10", "100")]
    [InlineData("""{"type":"integer","minimum":0.5,"maximum":3.5}""", "3", "4")]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""", "0.25", "1.01")]
    [InlineData("""{"type":"number","minimum":-2.5,"exclusiveMaximum":-1.25}""", "-1.26", "-1.25")]
    [InlineData("""{"type":"number","exclusiveMinimum":99.9}""", "99.91", "99.9")]
    [InlineData("""{"type":"number","maximum":1e3}""", "1000", "1000.1")]
    [InlineData("""{"type":"integer","multipleOf":6}""", "-18", "15")]
    [InlineData("""{"type":"integer","multipleOf":7,"minimum":100,"maximum":110}""", "105", "98")]
    [InlineData("""{"allOf":[{"type":"integer","multipleOf":4},{"multipleOf":6}]}""", "24", "18")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"a😀\"", "\"abcd\"")]
    [InlineData("""{"type":"string","minLength":2}""", "\"\\u0041b\"", "\"a\"")]
    [InlineData("""{"type":"string","pattern":"^a[b-d]{2}$"}""", "\"abd\"", "\"abe\"")]
    [InlineData("""{"type":"string","pattern":"b+"}""", "\"xbby\"", "\"xy\"")]
    [InlineData("""{"type":"string","pattern":"^(a|b$)"}""", "\"ax\"", "\"bx\"")]
    [InlineData("""{"type":"string","pattern":"^\"\\\\$"}""", """
        "\"\\"
        """, "\"a\"")]
    [InlineData("""{"type":"string","pattern":"^[a-z]+$","minLength":3,"maxLength":4}""", "\"abc\"", "\"ab\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2024-02-29\"", "\"2023-02-29\"")]
    [InlineData("""{"type":"string","format":"time"}""", "\"23:59:59.5+01:30\"", "\"24:00:00Z\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2024-12-31T00:00:00Z\"", "\"2024-13-31T00:00:00Z\"")]
    [InlineData("""{"type":"string","format":"uuid"}""", "\"123e4567-e89b-12d3-a456-426614174000\"", "\"123e4567\"")]
    [InlineData("""{"type":"string","format":"email"}""", "\"a.b@example.org\"", "\"a@b\"")]
    [InlineData("""{"type":"string","format":"ipv4"}""", "\"255.0.10.1\"", "\"256.0.0.1\"")]
    [InlineData("""{"type":"string","format":"ipv6"}""", "\"fe80::1\"", "\"1::2::3\"")]
    [InlineData("""{"type":"string","format":"uri"}""", "\"https://example.org/a?b=c#d\"", "\"example\"")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", "[1, 2]", "[1, \"2\"]")]
    [InlineData("""{"type":"array","minItems":1,"maxItems":2,"items":{"type":"null"}}""", "[null,null]", "[]")]
    [InlineData("""{"type":"array","minItems":1,"maxItems":2,"items":{"type":"null"}}""", "[null]", "[null,null,null]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":{"type":"null"}}""", "[1,\"a\",null]", "[1,\"a\",2]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false}""", "[1]", "[1,\"a\",2]")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"null"}},"required":["b"]}""", """{"a":1,"b":null}""", """{"a":1}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}""", "{}", """{"b":1}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"null"}}""", """{"a":1,"ab":null}""", """{"b":1}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":true}""", """{"b":1}""", """{"a":"1"}""")]
    [InlineData("""{"type":"object","patternProperties":{"^n":{"type":"integer"}},"additionalProperties":false}""", """{"n1":1}""", """{"m":1}""")]
    [InlineData("""{"type":"object","patternProperties":{"^n":{"type":"integer"}},"additionalProperties":{"type":"null"}}""", """{"m":null,"n":2}""", """{"n":null}""")]
    [InlineData("""{"type":"object","propertyNames":{"maxLength":2}}""", """{"ab":1}""", """{"abc":1}""")]
    [InlineData("""{"type":"object","propertyNames":{"enum":["x","y"]}}""", """{"x":1}""", """{"z":1}""")]
    [InlineData("""{"type":"object","minProperties":1}""", """{"a":1}""", "{}")]
    [InlineData("""{"type":"object","maxProperties":1}""", """{"a":1}""", """{"a":1,"b":2}""")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"a":{"minimum":5},"b":{}}}]}""", """{"a":5,"b":[]}""", """{"a":4}""")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"string","maxLength":1}]}""", "\"a\"", "\"ab\"")]
    [InlineData("""{"type":"object","properties":{"k":{"enum":["a","b"]}},"required":["k"],"anyOf":[{"properties":{"k":{"const":"a"}}},{"properties":{"k":{"const":"c"}}}]}""", """{"k":"a"}""", """{"k":"b"}""")]
    [InlineData("""{"oneOf":[{"type":"object","properties":{"t":{"const":"x"}},"required":["t"]},{"type":"object","properties":{"t":{"const":"y"},"v":{"type":"integer"}},"required":["t"]}]}""", """{"t":"y","v":1}""", """{"t":"y","v":1.5}""")]
    [InlineData("""{"oneOf":[{"type":"integer","maximum":5},{"type":"integer","minimum":6},{"type":"null"}]}""", "6", "\"6\"")]
    [InlineData("""{"$defs":{"n":{"type":"object","properties":{"v":{"type":"integer"},"n":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]}},"required":["v","n"],"additionalProperties":false}},"$ref":"#/$defs/n"}""", """{"v":1,"n":{"v":2,"n":null}}""", """{"v":1,"n":{"v":2}}""")]
    [InlineData("""{"type":"array","items":{"$ref":"#"}}""", "[[], [[]]]", "[1]")]
    [InlineData("""{"$defs":{"a/b~c":{"type":"null"}},"$ref":"#/$defs/a~1b~0c"}""", "null", "1")]
    public void Keyword_SeparatesValidFromInvalid(string schema, string valid, string invalid)
    {
        GenerationConstraint constraint = GenerationConstraint.FromJsonSchema(schema);

        Assert.True(SchemaValidator.IsValid(schema, valid));
        Assert.False(SchemaValidator.IsValid(schema, invalid));
        Assert.True(TokenWalk.Accepts(constraint, valid));
        Assert.False(TokenWalk.Accepts(constraint, invalid));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"not":{}}},"required":["a"]}""", "not", "/properties/a/not")]
    [InlineData("""{"if":{},"then":{}}""", "if", "/if")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "uniqueItems", "/uniqueItems")]
    [InlineData("""{"type":"array","contains":{}}""", "contains", "/contains")]
    [InlineData("""{"type":"object","dependentRequired":{"a":["b"]}}""", "dependentRequired", "/dependentRequired")]
    [InlineData("""{"type":"object","unevaluatedProperties":false}""", "unevaluatedProperties", "/unevaluatedProperties")]
    [InlineData("""{"type":"string","format":"phone"}""", "format", "/format")]
    [InlineData("""{"type":"string","pattern":"(?=a)"}""", "pattern", "/pattern")]
    [InlineData("""{"type":"string","pattern":"(a)\\1"}""", "pattern", "/pattern")]
    [InlineData("""{"type":"number","multipleOf":0.1}""", "multipleOf", "/multipleOf")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "oneOf", "/oneOf")]
    [InlineData("""{"type":"object","minProperties":2}""", "minProperties", "/minProperties")]
    [InlineData("""{"$ref":"https://example.org/schema"}""", "$ref", "/$ref")]
    [InlineData("""{"anyOf":[{"type":"null"},{"type":"object","properties":{"x":{"myKeyword":1}}}]}""", "myKeyword", "/anyOf/1/properties/x/myKeyword")]
    public void UnsupportedKeyword_IsNamedWithItsPlace(string schema, string keyword, string place)
    {
        GrammarException exception = Assert.Throws<GrammarException>(() => GenerationConstraint.FromJsonSchema(schema));

        Assert.Equal((GrammarErrorKind.Unsupported, keyword, place), (exception.Kind, exception.Keyword, exception.Location));
        Assert.Contains($"'{keyword}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(place, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", null)]
    [InlineData("[]", null)]
    [InlineData("""{"type":"text"}""", "type")]
    [InlineData("""{"enum":1}""", "enum")]
    [InlineData("""{"minLength":-1}""", "minLength")]
    [InlineData("""{"required":"a"}""", "required")]
    [InlineData("""{"properties":[]}""", "properties")]
    [InlineData("""{"anyOf":[]}""", "anyOf")]
    [InlineData("""{"$ref":"#/$defs/missing"}""", "$ref")]
    [InlineData("""{"type":"string","pattern":"("}""", "pattern")]
    public void BrokenSchema_IsRefused(string schema, string? keyword)
    {
        GrammarException exception = Assert.Throws<GrammarException>(() => GenerationConstraint.FromJsonSchema(schema));

        Assert.Equal((GrammarErrorKind.Syntax, keyword), (exception.Kind, exception.Keyword));
    }

    [Theory]
    [InlineData("false")]
    [InlineData("""{"type":"integer","minimum":5,"maximum":4}""")]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""")]
    [InlineData("""{"enum":["a"],"type":"integer"}""")]
    public void SchemaThatNothingSatisfies_IsRefused(string schema) =>
        Assert.Equal(GrammarErrorKind.Unsatisfiable, Assert.Throws<GrammarException>(() => GenerationConstraint.FromJsonSchema(schema)).Kind);

    // A text keeps to the white space that it begins with.
    [Theory]
    [InlineData("""{"a":[1,2],"b":{}}""", true)]
    [InlineData("""{"a": [1, 2], "b": {}}""", true)]
    [InlineData("{\n  \"a\": [1, 2],\n  \"b\": {}\n}", true)]
    [InlineData("{\n\t\"a\": [\n\t\t1,\n\t\t2\n\t],\n\t\"b\": {}\n}", true)]
    [InlineData("""{"a":[1, 2],"b":{}}""", false)]
    [InlineData("{ \"a\": 1 }", false)]
    [InlineData(" {}", false)]
    [InlineData("{}\n", false)]
    public void WhiteSpace_FollowsAStyle(string text, bool isAccepted) => Assert.Equal(isAccepted, TokenWalk.Accepts(GenerationConstraint.FromJsonObject(), text));

    [Theory]
    [InlineData("\"\\ud800\"")] // half of a pair
    [InlineData("\"\u0001\"")]
    [InlineData("\"\\x\"")]
    [InlineData("01")]
    [InlineData("1.")]
    [InlineData("[1,]")]
    [InlineData("{\"a\"}")]
    [InlineData("1234567890123456")] // not every reader of JSON keeps so many digits
    public void BrokenJson_IsNotAccepted(string text) => Assert.False(TokenWalk.Accepts(GenerationConstraint.FromJsonValue(), text));

    [Fact]
    public void BrokenUtf8_IsNotAccepted() => Assert.False(TokenWalk.Accepts(GenerationConstraint.FromJsonValue(), [(byte)'"', 0xC0, 0x80, (byte)'"']));
}
