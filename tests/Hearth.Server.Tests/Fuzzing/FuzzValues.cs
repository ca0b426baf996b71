namespace Hearth.Server.Tests.Fuzzing;

/// <summary>What is put where something else belongs.</summary>
internal static class FuzzValues
{
    private const int Deep = 60;
    private const int TooDeep = 2000;

    /// <summary>JSON, or nearly.</summary>
    public static string[] Json { get; } =
    [
        "null", "true", "false", "0", "-1", "1", "2", "3", "64", "-0.0", "0.5", "1.5", "1e999", "-1e999", "1e-999", "5e-324", "1e308", "99999999999999999999", "2147483647", "2147483648", "-2147483648",
        "4294967295", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616", "NaN", "Infinity", "01", "+1", "1.", ".5", "0x10", "1_000",
        "\"\"", "\" \"", "\"a\"", "\"5\"", "\"true\"", "\"null\"", "\"m\"", "\"text\"", "\"user\"", "\"assistant\"", "\"tool\"", "\"tool_use\"", "\"function\"", "\"image_url\"", "\"json\"", "\"none\"",
        "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\u0000\"", "\"\\u0007\\u001b[31m\"", "\"a\\nb\\r\\nc\"", "\"\\ufeff\\u202e\\u2028\"", "\"\\x\"", "\"\u0001\"", "\"😀é中\"", "'a'", "\"a",
        "\"{\\\"a\\\":\\\"\\\\ud800\\\"}\"", "\"{\\\"\\\\ud800\\\":1}\"", "\"{\\\"a\\\":1,\\\"a\\\":2}\"", "\"[1,2\"", "\"../../etc/passwd\"", "\"http://127.0.0.1:1/a\"", "\"-1m\"", "\"1e400h\"", "\"--threads\"",
        "\"{{ .Prompt \"", "\"{% for a in b %}\"", "\"{% for a in range(99999999) %}x{% endfor %}\"", "\"{{ .System }}{{ .Prompt }}\"", "\"root ::= root\"", "\"root ::= (\\\"a\\\" | root)* \\\"b\\\"\"", "\"<|fim_prefix|><think></think><tool_call>\"",
        "[]", "{}", "[[]]", "[{}]", "[null]", "[true]", "[0]", "[-1]", "[1,2,3]", "[5,\"a\"]", "[\"a\",\"b\"]", "[\"\"]", "[1e999]", "{\"a\":1}", "{\"a\":1,\"a\":2}", "{\"\":0}", "{\"type\":\"text\"}", "{\"type\":\"function\"}",
        "{\"type\":\"text\",\"text\":\"a\"}", "{\"name\":\"a\"}", "{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{\"type\":\"object\"}}}", "{\"type\":\"json_object\"}", "{\"\\ud800\":\"\\ud800\"}", "{\"a\":{\"a\":{\"a\":{}}}}",
        "{\"$ref\":\"#\"}", "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"$ref\":\"#/$defs/a\"}}}", "{\"type\":\"string\",\"pattern\":\"(a+)+$\"}", "{\"type\":\"array\",\"minItems\":99999999}", "{\"type\":[\"string\",\"null\"],\"enum\":[]}",
        "{\"type\":\"integer\",\"minimum\":1e300,\"maximum\":-1e300}", "{\"anyOf\":[{\"type\":\"string\",\"maxLength\":2000000000}]}", "{\"5\":1,\"6\":-1}", "{\"5\":1e39}", "[[5,1],[6,false]]", "[[\"a\",1]]", "[{\"id\":0,\"scale\":1e39}]",
        "[{\"role\":\"user\",\"content\":\"a\"}]", "[{\"role\":\"tool\",\"content\":\"a\"}]", "[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":{\"type\":\"object\"}}}]", "[{\"name\":\"a\",\"input_schema\":{\"type\":\"object\"}}]",
        Nested('[', ']', Deep), Nested('[', ']', TooDeep), string.Concat(Enumerable.Repeat("{\"a\":", Deep)) + "1" + new string('}', Deep), new string('[', TooDeep),
        $"\"{new string('a', 3000)}\"", $"\"{new string('é', 20_000)}\"", $"\"{string.Concat(Enumerable.Repeat("word ", 8000))}\"", $"[{string.Join(',', Enumerable.Repeat("\"a\"", 3000))}]", $"[{string.Join(',', Enumerable.Repeat("5", 3000))}]",
        $"{{{string.Join(',', Enumerable.Range(0, 500).Select(index => $"\"k{index}\":{index}"))}}}", new string('9', 400), $"0.{new string('3', 400)}e-5", "", ",", ":", "}", "/**/1", "\u00a01",
    ];

    /// <summary>Headers.</summary>
    public static (string Name, string Value)[] Headers { get; } =
    [
        ("Content-Type", "text/plain"), ("Content-Type", "application/json; charset=utf-16"), ("Content-Type", "multipart/form-data"), ("Content-Type", ""), ("Content-Type", ";;;"), ("Content-Encoding", "gzip"), ("Content-Encoding", "zstd"),
        ("Accept", "text/event-stream"), ("Accept", "*/*;q=x"), ("Accept", "application/json"), ("Accept-Encoding", "gzip, br"), ("Authorization", "Bearer"), ("Authorization", "Basic a"), ("Authorization", "é"), ("x-api-key", ""),
        ("anthropic-version", "2023-06-01"), ("anthropic-version", ""), ("anthropic-beta", "a,b"), ("X-Preload-Only", "true"), ("X-Preload-Only", "TRUE"), ("x-request-id", new string('a', 5000)), ("x-request-id", "é\u0001"), ("x-request-id", ""),
        ("Origin", "null"), ("Origin", "http://localhost:3000"), ("Origin", "http://evil.example"), ("Origin", "%%%"), ("Cookie", "a=b"), ("Range", "bytes=0-1"), ("If-None-Match", "*"), ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Expect", "100-continue"),
        ("Transfer-Encoding", "chunked"), ("X-Forwarded-For", "1.2.3.4"), ("Host", "evil.example"), ("Host", ""), ("Content-Length", "5"), ("x-stainless-timeout", "-1"), ("User-Agent", new string('u', 3000)), ("Cache-Control", "no-cache"),
    ];

    /// <summary>Pieces of paths and queries.</summary>
    public static string[] Paths { get; } =
    [
        "/", "//", "/..", "/.", "/%2e%2e", "/%00", "/%ff", "/%", "/%zz", "/a%2fb", "/é", "/%C3%A9", "/ ", "/%20", "/m", "/stored", "/sha256:0", "/push", "/tag", "/export", "/purge", "/v1", "/engines", "/{name}", "/*", "/;a=b", "/\\",
    ];

    /// <summary>Queries.</summary>
    public static string[] Queries { get; } =
    [
        "?", "?=", "?&&", "?model=m", "?model=", "?model=none", "?model=m&model=twin", "?limit=-1", "?limit=99999999999", "?limit=2&after_id=m", "?after_id=m&before_id=m", "?force=true", "?force=maybe", "?remote=true", "?remote=1&a", "?repo=a&tag=b", "?repo=^&tag=^",
        "?repo=a&tag=", "?fail_on_no_slot=1", "?no-engines=x", "?%00=%00", "?a=%ff", "?model=%F0%9F%98%80", "?[]=[]", "?follow=x", "?verbose",
    ];

    private static string Nested(char open, char close, int depth) => new string(open, depth) + new string(close, depth);
}
