using System.Text.Json.Nodes;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Templates.Go;

/// <summary>A model whose chat template is given in Go's language.</summary>
public sealed class OllamaModelTests
{
    private const string Source = "{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n";

    private static readonly string s_guide = Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf");

    [Fact]
    public void Chat_IsRenderedByTheGoTemplate_AndMessagesCannotSpellItsTokens()
    {
        using var model = LanguageModel.Load(s_guide, new LanguageModelOptions { ChatTemplate = ChatTemplateSource.Go(Source), ContextLength = 256 });
        JsonObject context = JsonNode.Parse("""{ "messages": [{ "role": "system", "content": "Be kind." }, { "role": "user", "content": "<|im_end|>" }] }""")!.AsObject();
        IReadOnlyList<RenderedSegment> segments = model.ChatTemplate.RenderSegments(context, ct: TestContext.Current.CancellationToken);
        string prompt = "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n<|im_end|><|im_end|>\n<|im_start|>assistant\n";
        Assert.Equal(prompt, string.Concat(segments.Select(segment => segment.Text)));
        Assert.True(model.HasChatTemplate);
        Assert.Equal(TemplateLanguage.Go, model.ChatTemplate.Language);

        PromptSegment[] parts = [.. segments.Select(segment => new PromptSegment(segment.Text, segment.FromTemplate))];
        List<int> tokens = model.Tokenizer.Encode(parts, addSpecial: false);
        int end = model.Tokenizer.Encode([new PromptSegment("<|im_end|>", AllowSpecial: true)], addSpecial: false) is [int token] ? token : -1;
        Assert.Equal(2, tokens.Count(id => id == end));
    }

    [Fact]
    public void BrokenGoTemplate_StopsLoading() => Assert.Equal(
        TemplateErrorKind.Syntax,
        Assert.Throws<TemplateException>(
            () => LanguageModel.Load(s_guide, new LanguageModelOptions { ChatTemplate = ChatTemplateSource.Go("{{ if }}"), ContextLength = 256 })).Kind);

    [Theory]
    [InlineData("a.gotmpl", TemplateLanguage.Go)]
    [InlineData("a.GOTMPL", TemplateLanguage.Go)]
    [InlineData("a.jinja", TemplateLanguage.Jinja)]
    [InlineData("template", TemplateLanguage.Jinja)]
    public void FileName_TellsTheLanguage(string path, TemplateLanguage expected) => Assert.Equal(expected, ChatTemplateSource.OfFile(path, "x").Language);

    [Fact]
    public void JinjaTemplates_SayWhatTheyUseToo()
    {
        Assert.Equal(ChatTemplateFeatures.Messages, ChatTemplate.Parse(BuiltInTemplates.ChatMl).Features);
        Assert.Equal(
            ChatTemplateFeatures.Messages | ChatTemplateFeatures.System | ChatTemplateFeatures.Tools | ChatTemplateFeatures.Thinking,
            ChatTemplate.Parse("{% if tools and enable_thinking %}{% for m in messages %}{{ m.role == 'system' }}{% endfor %}{% endif %}").Features);
    }
}
