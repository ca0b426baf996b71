using System.Text;
using System.Text.Json.Nodes;
using Hearth.Engine.Templates;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Templates.Go;

/// <summary>Changed Go templates: each is rendered by Go's rules and by Ollama's, or refused, within its budgets.</summary>
public sealed class GoTemplateFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private static readonly JsonObject s_vectors = GoTemplates.Json("vectors.json");
    private static readonly string s_context = GoTemplates.Json("library/cases.json")["contexts"]!.AsObject().OrderByDescending(context => context.Value!.ToJsonString().Length).First().Value!.ToJsonString();
    private static readonly TemplateRenderOptions s_options = Jinja.Options with { MaxSteps = 200_000, MaxLength = 1024 * 1024 };

    private protected override FuzzTarget Target { get; } = new("go-template", Read)
    {
        Seeds =
        [
            .. GoLanguageTests.Renderings.Select(row => Encoding.UTF8.GetBytes(row.Data.Item1)), .. GoLanguageTests.Failures.Select(row => Encoding.UTF8.GetBytes(row.Data.Item1)),
            .. Directory.EnumerateFiles(GoTemplates.File("library"), "*.gotmpl").Concat(Directory.EnumerateFiles(GoTemplates.File("ollama"), "*.gotmpl")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
        ],
        Words =
        [
            "{{ ", " }}", "{{- ", " -}}", "{{/* ", " */}}", "{{ if .S }}", "{{ else }}", "{{ else if .T }}", "{{ end }}", "{{ range .L }}", "{{ range $i, $e := .L }}", "{{ with .D }}", "{{ define \"t\" }}", "{{ template \"t\" . }}", "{{ block \"t\" . }}",
            "{{ break }}", "{{ continue }}", "{{ range 1000000 }}", "$x := ", "$x = ", "$x", "$", ".", ".S", ".L", ".D", ".Messages", ".Role", ".Content", ".ToolCalls", ".Tools", ".System", ".Prompt", ".Response", " | ", "printf \"%v %d %q %x %999999d %-5.3s\"", "index .L 0",
            "slice .L 1 2", "len .L", "eq .S", "lt 1 2", "and ", "or ", "not ", "html", "js", "urlquery", "json .", "print", "println", "call", "currentDate", "`", "'a'", "\"\\u0000\"", "0x1p-2", "1e400", "1i", "(", ")",
        ],
        IsRefusal = FuzzTarget.Refusals(typeof(TemplateException)),
        Rounds = 300,
        MaxLength = 64 * 1024,
        AllocationBase = 512L * 1024 * 1024,
    };

    private static string Read(byte[] bytes)
    {
        string source = Encoding.UTF8.GetString(bytes);
        TemplateException? refusal = null;
        try
        {
            GoTemplates.Parse(source).Render(JsonNode.Parse(s_context)!.AsObject(), s_options, TestContext.Current.CancellationToken);
        }
        catch (TemplateException exception)
        {
            refusal = exception;
        }

        GoTemplates.Execute(source, s_vectors["context"], s_options);
        return refusal is null ? "rendered as a chat" : throw refusal;
    }
}
