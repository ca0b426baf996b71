using System.Text.Json.Nodes;
using Hearth.Engine.Templates;

namespace Hearth.Engine.Tests.Templates.Go;

/// <summary>Ollama's own templates with its own renderings, and templates of its library with those of Go.</summary>
public sealed class OllamaGoldenTests
{
    private const string User = """{ "role": "user", "content": "Hello, how are you?" }""";

    private const string Turns =
        """
        { "role": "user", "content": "Hello, how are you?" },
        { "role": "assistant", "content": "I'm doing great. How can I help you today?" },
        { "role": "user", "content": "I'd like to show off how chat templating works!" }
        """;

    private static readonly string[] s_withoutLastSpace = ["chatqa", "llama2-chat", "mistral-instruct", "openchat", "vicuna"];

    private static readonly Dictionary<string, string> s_conversations = new()
    {
        ["user"] = User,
        ["user-assistant-user"] = Turns,
        ["system-user-assistant-user"] = """{ "role": "system", "content": "You are a helpful assistant." },""" + Turns,
    };

    private static readonly JsonObject s_library = GoTemplates.Json("library/cases.json");

    public static TheoryData<string, string> OwnCases => [
        .. Directory.EnumerateFiles(GoTemplates.File("ollama"), "*.gotmpl")
            .SelectMany(file => s_conversations.Keys.Select(name => (Path.GetFileNameWithoutExtension(file), name)))];

    public static TheoryData<string, string> LibraryCases => [
        .. s_library["cases"]!.AsArray().Select(item => ((string)item!["template"]!, (string)item["case"]!))];

    [Fact]
    public void EveryRendering_IsThere() => Assert.Equal(60, OwnCases.Count);

    [Theory]
    [MemberData(nameof(OwnCases))]
    public void Rendering_IsOllamas(string template, string conversation)
    {
        string expected = File.ReadAllText(GoTemplates.File("ollama", template, conversation + ".txt"));
        string source = File.ReadAllText(GoTemplates.File("ollama", template + ".gotmpl"));
        string rendered = GoTemplates.Render(source, $$"""{ "messages": [{{s_conversations[conversation]}}] }""");

        // Ollama's test takes a last space from these.
        rendered = s_withoutLastSpace.Contains(template) && rendered.EndsWith(' ') ? rendered[..^1] : rendered;
        Assert.Equal(expected, rendered);
    }

    [Theory]
    [MemberData(nameof(LibraryCases))]
    public void LibraryTemplate_RendersAsInGo(string template, string name)
    {
        JsonNode item = s_library["cases"]!.AsArray().Single(item => (string)item!["template"]! == template && (string)item["case"]! == name)!;
        string source = File.ReadAllText(GoTemplates.File("library", template + ".gotmpl"));
        Assert.Equal((string)item["expected"]!, GoTemplates.Render(source, s_library["contexts"]![name]!.ToJsonString()));
    }

    [Theory]
    [InlineData("llama3.2-3b", ChatTemplateFeatures.Messages | ChatTemplateFeatures.System | ChatTemplateFeatures.Tools)]
    [InlineData("phi4-14b", ChatTemplateFeatures.Messages | ChatTemplateFeatures.System)]
    [InlineData(
        "deepseek-v3.1-latest",
        ChatTemplateFeatures.Messages | ChatTemplateFeatures.System | ChatTemplateFeatures.Tools | ChatTemplateFeatures.Thinking)]
    public void LibraryTemplate_SaysWhatItUses(string template, ChatTemplateFeatures expected) =>
        Assert.Equal(expected, GoTemplates.Parse(File.ReadAllText(GoTemplates.File("library", template + ".gotmpl"))).Features);
}
