using Hearth.Engine.Templates;
using Hearth.Engine.Templates.Go;

namespace Hearth.Engine.Tests.Templates.Go;

/// <summary>How Ollama runs templates: the cases of its template/template_test.go, and more of the same.</summary>
public sealed class OllamaRulesTests
{
    private const string MistralPrompt = "[INST] {{ if .System }}{{ .System }}\n\n{{ end }}{{ .Prompt }}[/INST] ";

    private const string MistralMessages =
        """
        [INST] {{ if .System }}{{ .System }}

        {{ end }}
        {{- range .Messages }}
        {{- if eq .Role "user" }}{{ .Content }}[/INST] {{ else if eq .Role "assistant" }}{{ .Content }}[INST] {{ end }}
        {{- end }}
        """;

    private const string Friend =
        """
        { "role": "user", "content": "Hello friend!" },
        { "role": "assistant", "content": "Hello human!" },
        { "role": "user", "content": "What is your name?" }
        """;

    private const string System = """{ "role": "system", "content": "You are a helpful assistant!" },""";

    private const string Weather =
        """
        { "type": "function", "function": { "name": "get_weather", "description": "Get <weather>", "strict": true, "parameters": {
          "type": "object", "required": ["city"], "additionalProperties": false, "properties": {
            "unit": { "type": ["string", "null"], "enum": ["c", "f"] },
            "city": { "type": "string", "description": "A city" },
            "days": { "anyOf": [{ "type": "integer" }, { "type": "array" }] },
            "any": {} } } } }
        """;

    [Theory]
    [InlineData("{{ .Prompt }}", "prompt response")]
    [InlineData("{{ .System }} {{ .Prompt }}", "prompt response system")]
    [InlineData("{{ .System }} {{ .Prompt }} {{ .Response }}", "prompt response system")]
    [InlineData("{{ with .Tools }}{{ . }}{{ end }} {{ .System }} {{ .Prompt }}", "prompt response system tools")]
    [InlineData("{{ range .Messages }}{{ .Role }} {{ .Content }}{{ end }}", "content messages role")]
    [InlineData("{{ range .Messages }}{{ if eq .Role \"tool\" }}{{ .ToolName }} {{ .Content }}{{ end }}{{ end }}", "content messages role toolname")]
    [InlineData("{{ if .Messages }}{{ else }}{{ .System }}{{ end }}{{ template \"a\" .Prompt }}{{ define \"a\" }}{{ .Think }}{{ end }}", "messages prompt system think")]
    [InlineData("{{ with $x := (len .Messages) }}{{ $x.Role }}{{ end }}", "$x messages role")]
    public void Fields_AreThoseThatTheTemplateNames(string source, string expected) =>
        Assert.Equal(expected, string.Join(' ', ((OllamaTemplate)GoTemplates.Parse(source)).Fields.Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("{{ .Prompt ", "unclosed action", 1, 12)]
    [InlineData("{{define \"x\"}}{{template \"x\"}}{{end}}{{template \"x\"}}", "undefined template specified", null, null)]
    [InlineData("a\nb {{ if }}", "missing value for if", 2, 9)]
    [InlineData("a\n\n {{ foo }}", "function \"foo\" not defined", 3, 5)]
    public void BrokenTemplate_IsRefused(string source, string expected, int? line, int? column)
    {
        TemplateException exception = Assert.Throws<TemplateException>(() => GoTemplates.Parse(source));
        Assert.Equal(TemplateErrorKind.Syntax, exception.Kind);
        Assert.StartsWith(expected, exception.Detail, StringComparison.Ordinal);
        Assert.Equal((line, column), (exception.Line, exception.Column));
    }

    [Fact]
    public void FailedRendering_SaysWhere()
    {
        TemplateException exception = Assert.Throws<TemplateException>(
            () => GoTemplates.Render("{{ range .Messages }}\n  {{ .Nope }}{{ end }}", Chat("""{ "role": "user", "content": "x" }""")));
        Assert.Equal(TemplateErrorKind.Undefined, exception.Kind);
        Assert.Equal("Chat template, line 2, column 6: can't evaluate field Nope in type *template.templateMessage", exception.Message);
    }

    [Theory]
    [InlineData(MistralPrompt)]
    [InlineData(MistralPrompt + "{{ .Response }}")]
    [InlineData(MistralMessages)]
    public void Conversation_IsTheSame_InEitherStyleOfTemplate(string source)
    {
        Assert.Equal(
            "[INST] Hello friend![/INST] Hello human![INST] What is your name?[/INST] ",
            GoTemplates.Render(source, Chat(Friend)));
        Assert.Equal(
            "[INST] You are a helpful assistant!\n\nHello friend![/INST] Hello human![INST] What is your name?[/INST] ",
            GoTemplates.Render(source, Chat(System + Friend)));
    }

    [Theory]
    [InlineData("[INST] {{ .Prompt }}[/INST] ")]
    [InlineData("[INST] {{ .Prompt }}[/INST] {{ .Response }}")]
    [InlineData("{{- range $i, $m := .Messages }}{{- if eq .Role \"user\" }}[INST] {{ .Content }}[/INST] {{ else if eq .Role \"assistant\" }}{{ .Content }}{{ end }}{{- end }}")]
    public void LastAnswer_IsContinued(string source) => Assert.Equal(
        "[INST] Hello friend![/INST] Hello human![INST] What is your name?[/INST] My name is Hearth and I",
        GoTemplates.Render(source, Chat(Friend + """, { "role": "assistant", "content": "My name is Hearth and I" }""")));

    [Fact]
    public void TextAfterTheAnswer_IsWrittenForCompleteTurnsOnly() => Assert.Equal(
        "<user>Hello friend!<bot>Hello human!<end><user>What is your name?<bot>",
        GoTemplates.Render("{{ if .Prompt }}<user>{{ .Prompt }}{{ end }}<bot>{{ .Response }}<end>", Chat(Friend)));

    [Fact]
    public void FieldOfAMissingVariable_IsNothing_InTheLastTurnOnly()
    {
        const string Source = "{{ .Prompt }}{{ .Tools.Name }}{{ .Response }}";
        Assert.Equal("a<no value>", GoTemplates.Render(Source, Chat("""{ "role": "user", "content": "a" }""")));
        Assert.Throws<TemplateException>(() => GoTemplates.Render(Source, Chat(Friend)));
    }

    [Theory]
    [InlineData("{{ .Prompt }}|{{ if .Response }}{{ .Response }}{{ else }}none{{ end }}|z", "a|")]
    [InlineData("{{ .Prompt }}{{ printf \"%s\" .Response }}z", "a")]
    [InlineData("{{ with .Prompt }}{{ . }}{{ end }}{{ (.Response) }}{{ if .System }}{{ else }}z{{ end }}", "a")]
    public void Cut_IsMadeInside_WhereTheAnswerStandsThere(string source, string expected) =>
        Assert.Equal(expected, GoTemplates.Render(source, Chat("""{ "role": "user", "content": "a" }""")));

    [Fact]
    public void Suffix_IsForTheMiddle()
    {
        const string Source = "{{- if .Suffix }}<PRE> {{ .Prompt }} <SUF>{{ .Suffix }} <MID>\n{{- else }}{{ .Prompt }}\n{{- end }}";
        Assert.Equal("<PRE> def add( <SUF>return x <MID>", GoTemplates.Render(Source, """{ "prompt": "def add(", "suffix": "return x" }"""));
        Assert.Equal("hello", GoTemplates.Render(Source, Chat("""{ "role": "user", "content": "hello" }""")));
        Assert.Equal(ChatTemplateFeatures.Suffix, GoTemplates.Parse(Source).Features);
    }

    [Fact]
    public void Suffix_IsRefused_WhereTheTemplateHasNoPlaceForIt()
    {
        TemplateException exception = Assert.Throws<TemplateException>(
            () => GoTemplates.Render("{{ .Prompt }}", """{ "prompt": "a", "suffix": "b" }"""));
        Assert.Equal(TemplateErrorKind.Value, exception.Kind);
    }

    [Theory]
    [InlineData("""{ "role": "user", "content": "Hello" }, { "role": "user", "content": "How are you?" }""", "user=Hello\n\nHow are you?;")]
    [InlineData(
        """{ "role": "tool", "content": "sunny", "tool_name": "sky" }, { "role": "tool", "content": "72F", "tool_name": "heat" }""",
        "tool(sky)=sunny;tool(heat)=72F;")]
    [InlineData(
        """{ "role": "System", "content": "A" }, { "role": "user", "content": "b" }, { "role": "system", "content": "C" }, { "role": "system", "content": "D" }""",
        "A\n\nC\n\nD:system=A;user=b;system=C\n\nD;")]
    [InlineData(
        """{ "role": "user", "content": [{ "type": "text", "text": "a" }, { "type": "text", "text": "b" }] }, { "role": "assistant", "content": null }""",
        "user=ab;assistant=;")]
    [InlineData("7, { \"role\": 5 }", "=;")]
    public void Messages_AreJoinedByRole(string messages, string expected) => Assert.Equal(
        expected,
        GoTemplates.Render(
            "{{ with .System }}{{ . }}:{{ end }}{{ range .Messages }}{{ .Role }}{{ with .ToolName }}({{ . }}){{ end }}={{ .Content }};{{ end }}",
            Chat(messages)));

    [Theory]
    [InlineData("", "Compare these.", "[img-0][img-1]Compare these.")]
    [InlineData("", "Compare [img] with [img].", "Compare [img-0] with [img-1].")]
    [InlineData("", "This: [img]", "[img-1]This: [img-0]")]
    [InlineData("""{ "role": "assistant", "content": "x", "images": ["b"] },""", "y", "[img-0]x;[img-1][img-2]y")]
    public void Images_AreTagged(string before, string content, string expected) => Assert.Equal(
        expected,
        GoTemplates.Render(
            "{{ range $i, $_ := .Messages }}{{ if $i }};{{ end }}{{ .Content }}{{ end }}",
            Chat($$"""{{before}}{ "role": "user", "content": "{{content}}", "images": ["a", "b"] }""")));

    [Theory]
    [InlineData("", "false false ")]
    [InlineData(""" "think": true, """, "true true medium")]
    [InlineData(""" "think": false, """, "true false ")]
    [InlineData(""" "think": "high", """, "true true high")]
    [InlineData(""" "think": null, """, "false false ")]
    [InlineData(""" "enable_thinking": true, "reasoning_effort": "low", """, "true true low")]
    [InlineData(""" "enable_thinking": false, "reasoning_effort": "low", """, "true false ")]
    [InlineData(""" "reasoning_effort": "none", """, "true false ")]
    public void Thinking_IsFlagAndLevel(string members, string expected) => Assert.Equal(
        expected,
        GoTemplates.Render("{{ range .Messages }}{{ end }}{{ .IsThinkSet }} {{ .Think }} {{ .ThinkLevel }}", $$"""{ {{members}} "messages": [] }"""));

    [Theory]
    [InlineData("{{ . }}", "map[IsThinkSet:true Prompt:q Response: System: Think:true ThinkLevel:medium]")]
    [InlineData("{{ .Think }}{{ .Prompt }}", "trueq")]
    [InlineData("{{ range .Messages }}{{ .Thinking }}{{ end }}", "because")]
    public void Thoughts_AreSeen_InEitherShape(string source, string expected)
    {
        Assert.Equal(expected, GoTemplates.Render(source, """{ "think": true, "messages": [{ "role": "user", "content": "q", "thinking": "because" }] }"""));
        Assert.Equal(
            expected,
            GoTemplates.Render(source, """{ "enable_thinking": true, "messages": [{ "role": "user", "content": "q", "reasoning_content": "because" }] }"""));
    }

    [Theory]
    [InlineData(
        "{{ .Tools }}",
        """[{"type":"function","function":{"name":"get_weather","description":"Get \u003cweather\u003e","parameters":{"type":"object","required":["city"],"properties":{"any":{},"city":{"type":"string","description":"A city"},"days":{"anyOf":[{"type":"integer"},{"type":"array"}]},"unit":{"type":["string","null"],"enum":["c","f"]}}}}}]""")]
    [InlineData("{{ range .Tools }}{{ .Type }} {{ .Function.Name }}: {{ .Function.Parameters.Required }}{{ end }}", "function get_weather: [city]")]
    [InlineData(
        "{{ range .Tools }}{{ range $name, $p := .Function.Parameters.Properties }}{{ $name }}={{ $p.Type }} {{ $p.Enum }} {{ $p.Description }};{{ end }}{{ end }}",
        "any= [] ;city=string [] A city;days= [] ;unit=[string null] [c f] ;")]
    [InlineData("{{ range .Tools }}{{ range .Function.Parameters.Properties }}{{ . }}{{ end }}{{ end }}", "{[]  <nil>  [] <nil> []}{[] string <nil> A city [] <nil> []}{[{[] integer <nil>  [] <nil> []} {[] array <nil>  [] <nil> []}]  <nil>  [] <nil> []}{[] [string null] <nil>  [c f] <nil> []}")]
    [InlineData(
        "{{ range .Tools }}{{ range $name, $p := .Function.Parameters.Properties }}{{ toTypeScriptType $p }}, {{ $p.ToTypeScriptType }}; {{ end }}{{ end }}",
        "any, any; string, string; number | any[], number | any[]; string | null, string | null; ")]
    [InlineData("{{ range .Tools }}{{ (index .Function.Parameters.Properties \"city\").Description }}{{ end }}", "A city")]
    [InlineData("{{ eq (json .Tools) .Tools.String }} {{ len .Tools }}", "true 1")]
    public void Tools_AreTypedAndInOllamasOrder(string source, string expected) =>
        Assert.Equal(expected, GoTemplates.Render("{{ range .Messages }}{{ end }}" + source, $$"""{ "messages": [], "tools": [{{Weather}}] }"""));

    [Theory]
    [InlineData("{{ .Tools }} {{ json .Tools }} {{ len .Tools }} {{ if .Tools }}some{{ else }}none{{ end }}", "null null 0 none")]
    [InlineData("{{ range .Messages }}{{ .ToolCalls }} {{ json .ToolCalls }} {{ .Images }} {{ json .Images }}{{ end }}", "[] null [] null")]
    public void Nothing_IsWrittenAsInGo(string source, string expected) =>
        Assert.Equal(expected, GoTemplates.Render("{{ range .Messages }}{{ end }}" + source, Chat("""{ "role": "user", "content": "" }""")));

    [Theory]
    [InlineData("""{ "unit": "c", "location": "Tokyo", "n": { "b": 1, "a": [1.5, null] } }""")]
    [InlineData("\"{ \\\"unit\\\": \\\"c\\\", \\\"location\\\": \\\"Tokyo\\\", \\\"n\\\": { \\\"b\\\": 1, \\\"a\\\": [1.5, null] } }\"")]
    public void Arguments_AreJsonAndCanBeRangedOver(string arguments)
    {
        string context = Chat(
            $$"""{ "role": "assistant", "tool_calls": [{ "id": "1", "function": { "name": "f", "arguments": {{arguments}} } }] }, { "role": "tool", "tool_call_id": "1", "content": "x" }""");
        Assert.Equal(
            """f {"location":"Tokyo","n":{"a":[1.5,null],"b":1},"unit":"c"} location=Tokyo,n=map[a:[1.5 <nil>] b:1],unit=c,;f x""",
            GoTemplates.Render(
                "{{ range .Messages }}{{ range .ToolCalls }}{{ .Function.Name }} {{ .Function.Arguments }} "
                + "{{ range $k, $v := .Function.Arguments }}{{ $k }}={{ $v }},{{ end }};{{ end }}{{ with .ToolName }}{{ . }} x{{ end }}{{ end }}",
                context));
    }

    [Theory]
    [InlineData("\"{\"")]
    [InlineData("\"[]\"")]
    [InlineData("[1]")]
    [InlineData("5")]
    public void Arguments_ThatAreNoObject_AreRefused(string arguments) => Assert.Equal(
        TemplateErrorKind.Value,
        Assert.Throws<TemplateException>(() => GoTemplates.Render(
            "{{ range .Messages }}{{ end }}", Chat($$"""{ "role": "assistant", "tool_calls": [{ "function": { "name": "f", "arguments": {{arguments}} } }] }"""))).Kind);

    [Fact]
    public void Dates_AreTodayAndYesterday() => Assert.Equal(
        "Today is 2026-01-02, not 2026-01-01",
        GoTemplates.Render("{{- range .Messages }}{{ end }}Today is {{ currentDate }}, not {{ yesterdayDate }}", Chat(string.Empty)));

    // thinking/template_test.go.
    [Theory]
    [InlineData("{{ range .Messages }}{{ if .Thinking }} <think>{{ .Thinking }}</think> {{ end }}{{ end }}", "<think>", "</think>")]
    [InlineData("{{ range .Messages }}{{ if .Thinking }} before  {{ .Thinking }} after {{ end }}{{ end }}", "before", "after")]
    [InlineData("{{ range .Messages }}{{ range .NotMessages }}<a>{{ .Thinking }}</a>{{ end }}{{ end }}", null, null)]
    [InlineData("{{ if .Thinking }}<a>{{ .Thinking }}</a>{{ end }}{{ range .Messages }}{{ end }}", null, null)]
    [InlineData("{{ range .Messages }}{{ .Thinking }}{{ end }}", null, null)]
    public void ThinkingTags_AreTheTextsAround(string source, string? start, string? end)
    {
        ChatTemplate template = GoTemplates.Parse(source);
        Assert.Equal((start, end), (template.ThinkingTags?.Start, template.ThinkingTags?.End));
        Assert.Equal(start is not null, template.Features.HasFlag(ChatTemplateFeatures.Thinking));
    }

    private static string Chat(string messages) => $$"""{ "messages": [{{messages}}] }""";
}
