namespace Hearth.Engine.Tests.Grammar;

/// <summary>Schemas for each keyword of JSON Schema (2020-12), alone and together with those that it meets, supported or not.</summary>
internal static class KeywordSchemas
{
    public static IReadOnlyList<string> All { get; } =
    [
        .. Annotations, .. Types, .. Values, .. Numbers, .. Strings, .. Formats, .. Arrays, .. Objects, .. Combinations, .. References, .. Conditions,
    ];

    private static string[] Annotations =>
    [
        "true",
        "{}",
        """{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://example.org/person","title":"A person","description":"Somebody","type":"object","properties":{"name":{"type":"string","title":"Name","examples":["Ann"]}},"required":["name"]}""",
        """{"$comment":"Nothing to see","type":"boolean","default":true}""",
        """{"type":"integer","default":"not one","deprecated":true,"readOnly":true}""",
        """{"type":"string","contentMediaType":"application/json","contentEncoding":"base64","writeOnly":true}""",
        """{"type":"string","contentSchema":{"type":"object"},"contentMediaType":"application/json"}""",
        """{"type":"object","properties":{"a":{"type":"null","description":"Only this"}},"$defs":{"unused":{"type":"string"}}}""",
        """{"type":"string","x-order":5,"maxLength":4}""",
        """{"$anchor":"here","type":"null"}""",
    ];

    private static string[] Types =>
    [
        .. new[] { "null", "boolean", "integer", "number", "string", "array", "object" }.Select(type => $$"""{"type":"{{type}}"}"""),
        """{"type":["string","null"]}""",
        """{"type":["integer","boolean","array"]}""",
        """{"type":["number","integer"]}""",
        """{"type":["object"]}""",
        """{"type":"string","nullable":true}""",
        """{"type":["object","string"],"properties":{"a":{"type":"integer"}},"maxLength":3}""",
        """{"type":["array","number"],"items":{"type":"null"},"minimum":3}""",
    ];

    private static string[] Values =>
    [
        """{"enum":["a","b","c"]}""",
        """{"enum":[6,"six",[],true,{"six":6},null]}""",
        """{"enum":[0,false,"",null]}""",
        """{"enum":["line\nbreak","tab\tand \"quotes\"","back\\slash","\u0000","ünï","😀"]}""",
        """{"enum":[[false],[0],[[]]]}""",
        """{"enum":[1.5,-2,1e3]}""",
        """{"enum":["only"]}""",
        """{"enum":["a",1,null],"type":["integer","null"]}""",
        """{"enum":["ab","abc","b"],"minLength":2,"pattern":"^a"}""",
        """{"enum":[1,5,9,12],"minimum":4,"maximum":10}""",
        """{"enum":[{"a":1},{"a":2,"b":[]}],"required":["b"]}""",
        """{"const":"value"}""",
        """{"const":null}""",
        """{"const":{"foo":"bar","baz":["x",{"y":1}]}}""",
        """{"const":[{"a":false}]}""",
        """{"const":-2.0}""",
        """{"const":9007199254740991}""",
        """{"const":"a \u2028 b"}""",
        """{"type":"object","properties":{"kind":{"const":"dog"},"age":{"enum":[1,2]}},"required":["kind","age"]}""",
        """{"enum":["a"],"type":"integer"}""",
    ];

    private static string[] Numbers =>
    [
        """{"type":"number","minimum":1.1}""",
        """{"type":"number","minimum":-2}""",
        """{"type":"number","maximum":3.0}""",
        """{"type":"number","maximum":-0.5}""",
        """{"type":"number","exclusiveMinimum":1.1,"exclusiveMaximum":1.2}""",
        """{"type":"number","minimum":0,"exclusiveMaximum":1}""",
        """{"type":"number","minimum":-1e-3,"maximum":1e-3}""",
        """{"type":"integer","minimum":300,"maximum":300}""",
        """{"type":"integer","minimum":-10,"maximum":10}""",
        """{"type":"integer","exclusiveMinimum":0}""",
        """{"type":"integer","exclusiveMaximum":0}""",
        """{"type":"integer","minimum":999,"maximum":1001}""",
        """{"type":"integer","minimum":-100000,"maximum":-99}""",
        """{"type":"integer","minimum":1.5,"maximum":4.5}""",
        """{"type":"integer","maximum":1e6,"minimum":1e5}""",
        """{"type":"integer","multipleOf":2}""",
        """{"type":"integer","multipleOf":7,"minimum":10,"maximum":100}""",
        """{"type":"integer","multipleOf":100,"exclusiveMinimum":0}""",
        """{"type":"number","multipleOf":4096}""",
        """{"type":"number","multipleOf":0.01}""",
        """{"type":"number","multipleOf":1.5}""",
        """{"type":"integer","multipleOf":123456789}""",
        """{"minimum":5}""",
        """{"multipleOf":3}""",
        """{"type":"integer","minimum":5,"maximum":4}""",
        """{"allOf":[{"type":"integer","multipleOf":4},{"multipleOf":6},{"minimum":1}]}""",
    ];

    private static string[] Strings =>
    [
        """{"type":"string","minLength":2}""",
        """{"type":"string","maxLength":2}""",
        """{"type":"string","minLength":3,"maxLength":3}""",
        """{"type":"string","maxLength":0}""",
        """{"type":"string","minLength":40,"maxLength":60}""",
        """{"minLength":1,"maxLength":5}""",
        """{"type":"string","pattern":"^a*$"}""",
        """{"type":"string","pattern":"a+"}""",
        """{"type":"string","pattern":"^\\S(.*\\S)?$","maxLength":12}""",
        """{"type":"string","pattern":"^[A-Z]{2}\\d{4}$"}""",
        """{"type":"string","pattern":"^(red|green|blue)(,(red|green|blue))*$","maxLength":30}""",
        """{"type":"string","pattern":"^\\p{L}{1,6}$"}""",
        """{"type":"string","pattern":"^[^\\s\"\\\\]{3,8}$"}""",
        """{"type":"string","pattern":"^\\u{1F600}|x$"}""",
        """{"type":"string","pattern":"^(?:[a-f0-9]{2}:){5}[a-f0-9]{2}$"}""",
        """{"type":"string","pattern":"^-?(0|[1-9]\\d*)(\\.\\d+)?$","maxLength":9}""",
        """{"type":"string","pattern":"ing$","minLength":5,"maxLength":9}""",
        """{"type":"string","pattern":"^\\w+\\.(?:json|ya?ml)$","maxLength":14}""",
        """{"type":"string","pattern":"^.{2}\\/$"}""",
        """{"type":"string","pattern":"^(a|ab)(c|bcd)(d*)$"}""",
        """{"type":"string","pattern":"^a(?=b)"}""",
        """{"type":"string","pattern":"(a)\\1"}""",
        """{"type":"string","pattern":"\\bword\\b"}""",
        """{"allOf":[{"type":"string","pattern":"^[a-m]+$"},{"pattern":"^[g-z]+$"},{"maxLength":6}]}""",
    ];

    private static string[] Formats =>
    [
        .. new[]
        {
            "date", "time", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri", "uri-reference", "json-pointer", "relative-json-pointer",
            "idn-email", "idn-hostname", "iri", "iri-reference", "byte", "password", "binary", "regex", "uri-template", "phone",
        }.Select(format => $$"""{"type":"string","format":"{{format}}"}"""),
        """{"type":"integer","format":"int32"}""",
        """{"type":"integer","format":"int64"}""",
        """{"type":"number","format":"float"}""",
        """{"type":"number","format":"double"}""",
        """{"type":"string","format":"date","pattern":"^20"}""",
        """{"type":"string","format":"email","maxLength":12}""",
        """{"type":"string","format":"ipv4","pattern":"^10\\."}""",
        """{"format":"uuid"}""",
    ];

    private static string[] Arrays =>
    [
        """{"type":"array","items":{"type":"integer"}}""",
        """{"type":"array","items":true}""",
        """{"type":"array","items":false}""",
        """{"items":{"type":"string","maxLength":2}}""",
        """{"type":"array","items":{"type":"array","items":{"type":"array","items":{"type":"boolean"}}}}""",
        """{"type":"array","minItems":1}""",
        """{"type":"array","maxItems":2}""",
        """{"type":"array","minItems":3,"maxItems":3,"items":{"enum":["x","y"]}}""",
        """{"type":"array","maxItems":0}""",
        """{"type":"array","minItems":2,"maxItems":7,"items":{"type":"null"}}""",
        """{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}]}""",
        """{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":{"type":"boolean"}}""",
        """{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false,"minItems":2}""",
        """{"type":"array","prefixItems":[true,false]}""",
        """{"type":"array","prefixItems":[{"const":1}],"minItems":1,"maxItems":4,"items":{"const":2}}""",
        """{"type":"array","uniqueItems":true}""",
        """{"type":"array","uniqueItems":false,"items":{"const":1}}""",
        """{"type":"array","contains":{"type":"integer"}}""",
        """{"type":"array","contains":{"const":1},"minContains":2,"maxContains":3}""",
        """{"type":"array","unevaluatedItems":false,"prefixItems":[{"type":"null"}]}""",
        """{"type":"array","unevaluatedItems":true,"items":{"type":"null"}}""",
        """{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer","minimum":1},"tags":{"type":"array","items":{"type":"string","maxLength":3},"maxItems":2}},"required":["id","tags"],"additionalProperties":false},"maxItems":3}""",
        """{"type":"array","minItems":3,"maxItems":2}""",
    ];

    private static string[] Objects =>
    [
        """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string","maxLength":3}}}""",
        """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string","maxLength":3}},"required":["a","b"]}""",
        """{"type":"object","properties":{"a":true,"b":false}}""",
        """{"type":"object","properties":{"foo\nbar":{"type":"number"},"foo\"bar":{"type":"number"},"foo\\bar":{"type":"null"}},"required":["foo\nbar","foo\"bar"]}""",
        """{"type":"object","properties":{"__proto__":{"type":"integer"},"constructor":{"type":"string"},"toString":{"type":"null"}},"required":["constructor","toString"]}""",
        """{"type":"object","properties":{"$ref":{"type":"string"},"enum":{"type":"integer"},"properties":{"type":"null"}},"required":["$ref"]}""",
        """{"type":"object","required":["x"]}""",
        """{"type":"object","properties":{},"required":["a b","","ü"]}""",
        """{"properties":{"a":{"type":"integer"}},"required":["a"]}""",
        """{"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":{"type":"boolean"}}""",
        """{"type":"object","additionalProperties":{"type":"array","items":{"type":"integer"}}}""",
        """{"type":"object","additionalProperties":false}""",
        """{"type":"object","patternProperties":{"^a":{"type":"integer"}},"additionalProperties":false}""",
        """{"type":"object","patternProperties":{"^a":{"type":"integer"},"z$":{"minimum":5}},"additionalProperties":{"type":"null"}}""",
        """{"type":"object","properties":{"alpha":{"maximum":9}},"patternProperties":{"^a":{"type":"integer"}},"required":["alpha"]}""",
        """{"type":"object","patternProperties":{"^[0-9]{2}$":{"type":"string","maxLength":2}},"additionalProperties":false,"maxProperties":3}""",
        """{"type":"object","propertyNames":{"maxLength":3},"additionalProperties":{"type":"null"}}""",
        """{"type":"object","propertyNames":{"pattern":"^[a-c]+$"}}""",
        """{"type":"object","propertyNames":{"enum":["one","two"]},"additionalProperties":{"type":"integer"}}""",
        """{"type":"object","propertyNames":{"type":"string"}}""",
        """{"type":"object","minProperties":1}""",
        """{"type":"object","maxProperties":2}""",
        """{"type":"object","maxProperties":0}""",
        """{"type":"object","minProperties":2,"required":["a","b"],"properties":{"a":{"type":"null"},"b":{"type":"null"}}}""",
        """{"type":"object","minProperties":3}""",
        """{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}},"maxProperties":1}""",
        """{"type":"object","dependentRequired":{"a":["b"]}}""",
        """{"type":"object","dependentSchemas":{"a":{"required":["b"]}}}""",
        """{"type":"object","dependencies":{"a":["b"]}}""",
        """{"type":"object","unevaluatedProperties":false,"properties":{"a":{"type":"null"}}}""",
        """{"type":"object","unevaluatedProperties":true,"properties":{"a":{"type":"null"}}}""",
        """{"type":"object","properties":{"street":{"type":"string","minLength":1,"maxLength":20},"number":{"type":"integer","minimum":1,"maximum":9999},"zip":{"type":"string","pattern":"^\\d{5}(-\\d{4})?$"},"country":{"enum":["DE","FR","GB"]},"geo":{"type":"object","properties":{"lat":{"type":"number","minimum":-90,"maximum":90},"lon":{"type":"number","minimum":-180,"maximum":180}},"required":["lat","lon"],"additionalProperties":false}},"required":["street","zip","country"],"additionalProperties":false}""",
    ];

    private static string[] Combinations =>
    [
        """{"allOf":[{"type":"integer"},{"minimum":3},{"maximum":12}]}""",
        """{"allOf":[{"properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"b":{"type":"null"}},"required":["b"]}],"type":"object"}""",
        """{"allOf":[true,{"type":"boolean"}]}""",
        """{"allOf":[true,false]}""",
        """{"allOf":[{"anyOf":[{"type":"string","maxLength":2},{"type":"integer"}]},{"anyOf":[{"type":"integer","minimum":4},{"type":"null"}]}]}""",
        """{"allOf":[{"type":"string"},{"type":"integer"}]}""",
        """{"type":"array","allOf":[{"minItems":1},{"maxItems":2},{"items":{"type":"boolean"}}]}""",
        """{"anyOf":[{"type":"integer"},{"minimum":2,"type":"number"}]}""",
        """{"anyOf":[{"type":"string","maxLength":2},{"type":"string","minLength":4,"maxLength":6}]}""",
        """{"anyOf":[true,{"type":"integer"}]}""",
        """{"anyOf":[false,{"type":"integer"}]}""",
        """{"anyOf":[{"properties":{"a":{"type":"integer"}},"required":["a"],"type":"object"},{"properties":{"b":{"type":"string","maxLength":2}},"required":["b"],"type":"object"}]}""",
        """{"type":"object","properties":{"v":{"anyOf":[{"type":"null"},{"type":"array","items":{"type":"integer"}}]}},"required":["v"]}""",
        """{"type":"string","anyOf":[{"const":"x"},{"pattern":"^y+$"}],"maxLength":4}""",
        """{"oneOf":[{"type":"integer"},{"type":"string","maxLength":2}]}""",
        """{"oneOf":[{"type":"integer","maximum":-1},{"type":"integer","minimum":1}]}""",
        """{"oneOf":[{"const":"a"},{"const":"b"},{"enum":["c","d"]}]}""",
        """{"oneOf":[{"type":"integer"},{"type":"number","minimum":2}]}""",
        """{"oneOf":[true,true]}""",
        """{"oneOf":[true,false]}""",
        """{"oneOf":[{"type":"string","minLength":3},{"type":"string","maxLength":4}]}""",
        """{"type":"object","oneOf":[{"properties":{"kind":{"const":"circle"},"r":{"type":"number"}},"required":["kind","r"]},{"properties":{"kind":{"const":"square"},"side":{"type":"number"}},"required":["kind","side"]}]}""",
        """{"oneOf":[{"type":"array","items":{"type":"null"}},{"type":"object","properties":{}},{"type":"null"}]}""",
        """{"anyOf":[{"oneOf":[{"type":"null"},{"type":"boolean"}]},{"allOf":[{"type":"integer"},{"multipleOf":5}]}]}""",
    ];

    private static string[] References =>
    [
        """{"$ref":"#/$defs/a","$defs":{"a":{"type":"integer"}}}""",
        """{"$defs":{"a":{"type":"integer"},"b":{"$ref":"#/$defs/a"},"c":{"$ref":"#/$defs/b"}},"$ref":"#/$defs/c","maximum":5}""",
        """{"type":"object","properties":{"foo":{"$ref":"#"}},"additionalProperties":false}""",
        """{"type":"array","items":{"$ref":"#"}}""",
        """{"type":"array","prefixItems":[{"type":"integer"},{"$ref":"#/prefixItems/0"}],"minItems":2}""",
        """{"$defs":{"tilde~field":{"type":"integer"},"slash/field":{"type":"null"},"percent%field":{"type":"boolean"}},"type":"object","properties":{"t":{"$ref":"#/$defs/tilde~0field"},"s":{"$ref":"#/$defs/slash~1field"},"p":{"$ref":"#/$defs/percent%25field"}},"required":["t","s","p"]}""",
        """{"$defs":{"tree":{"type":"object","properties":{"value":{"type":"integer"},"children":{"type":"array","items":{"$ref":"#/$defs/tree"},"maxItems":2}},"required":["value","children"],"additionalProperties":false}},"$ref":"#/$defs/tree"}""",
        """{"$defs":{"even":{"anyOf":[{"type":"null"},{"type":"array","items":{"$ref":"#/$defs/odd"},"maxItems":1}]},"odd":{"type":"object","properties":{"n":{"$ref":"#/$defs/even"}},"required":["n"],"additionalProperties":false}},"$ref":"#/$defs/even"}""",
        """{"definitions":{"old":{"type":"string","maxLength":1}},"$ref":"#/definitions/old"}""",
        """{"properties":{"a":{"$ref":"#/properties/b"},"b":{"type":"boolean"}},"type":"object","required":["a","b"]}""",
        """{"$ref":"https://example.org/other.json"}""",
        """{"$ref":"other.json#/a"}""",
        """{"$defs":{"a":{"$anchor":"named","type":"null"}},"$ref":"#named"}""",
        """{"$dynamicRef":"#node","$dynamicAnchor":"node","type":"object"}""",
        """{"$ref":"#"}""",
        """{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""",
    ];

    private static string[] Conditions =>
    [
        """{"not":{"type":"integer"}}""",
        """{"type":"string","not":{"const":"x"}}""",
        """{"type":"integer","if":{"minimum":10},"then":{"multipleOf":10}}""",
        """{"type":"object","if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]},"else":{"required":["c"]}}""",
        """{"type":"integer","then":{"minimum":5}}""",
        """{"type":"string","unknownKeyword":5}""",
        "false",
    ];
}
