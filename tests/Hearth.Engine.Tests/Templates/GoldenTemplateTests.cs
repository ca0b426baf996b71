using System.Text.Json.Nodes;
using Hearth.Engine.Templates;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Templates;

/// <summary>The renderings of published templates by Python's Jinja2.</summary>
public sealed class GoldenTemplateTests
{
    private static readonly Lazy<JsonArray> s_cases = new(Load);

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (JsonNode? item in ReadCases())
            {
                data.Add((string)item!["template"]!, (string)item["case"]!);
            }

            if (data.Count == 0)
            {
                data.Add(string.Empty, string.Empty);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rendering_is_the_text_that_Python_gives(string template, string name)
    {
        Golden.Path("templates", "cases.json");
        JsonNode item = ReadCases().Single(c => (string)c!["template"]! == template && (string)c["case"]! == name)!;
        var parsed = ChatTemplate.Parse(File.ReadAllText(Golden.Path("templates", template + ".jinja")));
        CancellationToken ct = TestContext.Current.CancellationToken;
        JsonObject context = item["context"]!.AsObject();
        if (item["error"] is { } error)
        {
            var exception = Assert.Throws<TemplateException>(() => parsed.Render(context, Jinja.Options, ct));
            string message = (string)error!;
            Assert.Equal(message[(message.IndexOf(": ", StringComparison.Ordinal) + 2)..], exception.Detail);
            Assert.NotNull(exception.Line);
            return;
        }

        Assert.Equal((string)item["expected"]!, parsed.Render(context, Jinja.Options, ct));
        IReadOnlyList<RenderedSegment> segments = parsed.RenderSegments(context, Jinja.Options, ct);
        Assert.Equal((string)item["expected"]!, string.Concat(segments.Select(s => s.Text)));
    }

    private static JsonArray ReadCases() => s_cases.Value;

    private static JsonArray Load()
    {
        string path = Path.Combine(Golden.RepositoryRoot, "..", "shared", "golden", "templates", "cases.json");
        return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!.AsArray() : [];
    }
}
