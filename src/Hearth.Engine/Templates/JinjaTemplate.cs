using System.Text.Json.Nodes;
using Hearth.Engine.Templates.Ast;
using Hearth.Engine.Templates.Parsing;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates;

/// <summary>A chat template in Jinja.</summary>
internal sealed class JinjaTemplate(string source) : ChatTemplate(source)
{
    private readonly Block _body = new Parser(new Lexer(source).Tokenize()).ParseTemplate();

    public override TemplateLanguage Language => TemplateLanguage.Jinja;

    // What a program does cannot be told from its text: the names that templates share have to do.
    public override ChatTemplateFeatures Features =>
        (Has("messages") ? ChatTemplateFeatures.Messages : 0)
        | (Has("system") ? ChatTemplateFeatures.System : 0)
        | (Has("tools") || Has("tool_call") ? ChatTemplateFeatures.Tools : 0)
        | (Has("enable_thinking") || Has("reasoning_content") || Has("</think>") ? ChatTemplateFeatures.Thinking : 0);

    private protected override TextBuilder Run(JsonObject context, TemplateRenderOptions options, CancellationToken ct)
    {
        var state = new RenderState(options, ct);
        try
        {
            Scope root = new(state.LoadContext(context), parent: null);
            var output = new TextBuilder(state.Budget);
            _body.Execute(state, root, output);
            return output;
        }
        catch (TemplateException exception)
        {
            exception.Line ??= state.Line > 0 ? state.Line : null;
            throw;
        }
    }

    private bool Has(string text) => Source.Contains(text, StringComparison.Ordinal);
}
