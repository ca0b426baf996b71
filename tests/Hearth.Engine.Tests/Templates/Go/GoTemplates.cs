using System.Text.Json.Nodes;
using Hearth.Engine.Templates;
using Hearth.Engine.Templates.Go;
using Hearth.Engine.Templates.Go.Parsing;
using Hearth.Engine.Templates.Go.Runtime;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Templates.Go;

/// <summary>Renders small Go templates, and finds the files of larger ones.</summary>
internal static class GoTemplates
{
    private static string Folder { get; } = Path.Combine(Golden.RepositoryRoot, "tests", "Hearth.Engine.Tests", "Templates", "Go", "Data");

    public static string File(params string[] parts) => Path.Combine([Folder, .. parts]);

    public static JsonObject Json(string name) => JsonNode.Parse(System.IO.File.ReadAllText(File(name)))!.AsObject();

    /// <summary>Renders a template as Go does, with a JSON value for its dot.</summary>
    public static string Execute(string source, JsonNode? data, TemplateRenderOptions? options = null)
    {
        var parser = new GoParser(source);
        var body = parser.ParseTemplate();
        var state = new GoState(parser.Templates, options ?? Jinja.Options, TestContext.Current.CancellationToken);
        state.Execute(body, new OllamaJson(state.Budget).Read(data));
        return state.Output.ToString();
    }

    /// <summary>Renders a chat by Ollama's rules.</summary>
    public static string Render(string source, string context) =>
        Parse(source).Render(JsonNode.Parse(context)!.AsObject(), Jinja.Options, TestContext.Current.CancellationToken);

    /// <summary>As <see cref="Render"/>, with user text in angle quotes.</summary>
    public static string Mark(string source, string context) => string.Concat(
        Parse(source).RenderSegments(JsonNode.Parse(context)!.AsObject(), Jinja.Options, TestContext.Current.CancellationToken)
            .Select(segment => segment.FromTemplate ? segment.Text : $"«{segment.Text}»"));

    public static ChatTemplate Parse(string source) => ChatTemplate.Parse(ChatTemplateSource.Go(source));
}
