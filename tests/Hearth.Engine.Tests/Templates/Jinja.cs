using System.Text.Json.Nodes;
using Hearth.Engine.Templates;

namespace Hearth.Engine.Tests.Templates;

/// <summary>Renders small templates with one context and a fixed clock.</summary>
internal static class Jinja
{
    public const string ContextJson =
        """
        {
          "s": "Hello World",
          "u": "héllo wörld ß ﬁ",
          "e": "a😀b😀c",
          "n": 7,
          "neg": -3,
          "f": 2.5,
          "z": null,
          "t": true,
          "fa": false,
          "l": [3, 1, 2],
          "ls": ["b", "A", "c", "a"],
          "d": {"b": 1, "a": 2, "C": 3},
          "users": [{"name": "bob", "age": 30, "tags": ["x", "y"], "ad": {"city": "Paris"}},
            {"name": "Alice", "age": 25, "tags": [], "ad": {"city": "oslo"}},
            {"name": "carol", "age": 30, "ad": {"city": "Oslo"}}],
          "nested": [[1, [2, [3]]], [4]],
          "empty": [],
          "es": "",
          "html": "<a href=\"x\">'&</a>",
          "multi": "line one\n  line two\n\nline four\n",
          "big": 12345678901234567890123,
          "fl": [0.1, 1e+16, 1e-05, 1.5e+300, 100.0, -0.0, 3.14159]
        }
        """;

    public static TemplateRenderOptions Options { get; } = new() { Clock = new FixedClock() };

    public static string Render(string source, string context = ContextJson, TemplateRenderOptions? options = null) =>
        ChatTemplate.Parse(source).Render(JsonNode.Parse(context)!.AsObject(), options ?? Options, TestContext.Current.CancellationToken);

    /// <summary>The segments, with user text in angle quotes.</summary>
    public static string Mark(string source, string context)
    {
        IReadOnlyList<RenderedSegment> segments = ChatTemplate.Parse(source)
            .RenderSegments(JsonNode.Parse(context)!.AsObject(), Options, TestContext.Current.CancellationToken);
        return string.Concat(segments.Select(s => s.FromTemplate ? s.Text : $"«{s.Text}»"));
    }
}
