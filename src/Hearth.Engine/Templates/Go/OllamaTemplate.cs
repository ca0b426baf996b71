using System.Text.Json.Nodes;
using Hearth.Engine.Templates.Go.Ast;
using Hearth.Engine.Templates.Go.Parsing;
using Hearth.Engine.Templates.Go.Runtime;
using Hearth.Engine.Templates.Go.Values;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go;

/// <summary>A chat template in Go's language, rendered by Ollama's rules (template/template.go).</summary>
internal sealed class OllamaTemplate : ChatTemplate
{
    private readonly IReadOnlyDictionary<string, GoBlock> _templates;
    private readonly GoBlock _body;
    private readonly GoBlock? _open;
    private readonly bool _usesMessages;

    public OllamaTemplate(string source)
        : base(source)
    {
        var parser = new GoParser(source);
        GoBlock body = parser.ParseTemplate();
        _templates = parser.Templates;
        Fields = GoFields.Of([body, .. _templates.Values]);
        _usesMessages = Fields.Contains("messages");
        if (!_usesMessages && !Fields.Contains("response"))
        {
            // A template without a place for the answer gets it at the end.
            body = new GoBlock([.. body.Nodes, new GoActionNode(new GoParser("{{ .Response }}").ParsePipeline(), source.Length)]);
            Fields = GoFields.Of([body, .. _templates.Values]);
        }

        _body = body;
        _open = _usesMessages ? null : GoResponseCut.Apply(body);
        ThinkingTags = GoFields.ThinkingTags(body);
    }

    public override TemplateLanguage Language => TemplateLanguage.Go;

    public override ChatTemplateFeatures Features =>
        (_usesMessages ? ChatTemplateFeatures.Messages : 0)
        | (_usesMessages || Fields.Contains("system") ? ChatTemplateFeatures.System : 0)
        | (Fields.Contains("tools") ? ChatTemplateFeatures.Tools : 0)
        | (Fields.Contains("suffix") ? ChatTemplateFeatures.Suffix : 0)
        | (ThinkingTags is null ? 0 : ChatTemplateFeatures.Thinking);

    /// <summary>The fields that the template names, in lower case.</summary>
    public IReadOnlySet<string> Fields { get; }

    public override (string Start, string End)? ThinkingTags { get; }

    private protected override TextBuilder Run(JsonObject context, TemplateRenderOptions options, CancellationToken ct)
    {
        var state = new GoState(_templates, options, ct);
        try
        {
            OllamaThinking thinking = OllamaThinking.Read(context);
            (string prompt, string suffix) = (OllamaJson.Text(context, "prompt"), OllamaJson.Text(context, "suffix"));
            if (prompt.Length > 0 && suffix.Length > 0)
            {
                if (!Features.HasFlag(ChatTemplateFeatures.Suffix))
                {
                    throw TemplateException.Value("The template has no place for a suffix: the model cannot fill in the middle.");
                }

                Execute(
                    state,
                    _body,
                    thinking,
                    ("Prompt", GoString.FromInput(prompt)),
                    ("Suffix", GoString.FromInput(suffix)),
                    ("Response", GoString.Empty));
                return state.Output;
            }

            (string system, IReadOnlyList<OllamaMessage> messages) = new OllamaMessages(state.Budget).Read(OllamaJson.Array(context, "messages"));
            if (_usesMessages)
            {
                Execute(
                    state,
                    _body,
                    thinking,
                    ("System", GoString.FromInput(system)),
                    ("Messages", new GoList([.. messages.Select(message => message.ToValue())], "[]*template.templateMessage")),
                    ("Tools", new OllamaTools(state.Budget).Read(OllamaJson.Array(context, "tools"))),
                    ("Response", GoString.Empty));
            }
            else
            {
                ExecuteTurns(state, thinking, messages);
            }

            return state.Output;
        }
        catch (TemplateException exception)
        {
            throw state.Position < 0 ? exception : GoPlace.Mark(exception, Source, state.Position);
        }
    }

    /// <summary>
    /// Renders a template that knows no list of messages once for every question with its answer; the last one ends at the answer.
    /// </summary>
    private void ExecuteTurns(GoState state, OllamaThinking thinking, IReadOnlyList<OllamaMessage> messages)
    {
        (StringValue system, StringValue prompt, StringValue response) = (StringValue.Empty, StringValue.Empty, StringValue.Empty);
        foreach (OllamaMessage message in messages)
        {
            bool isComplete = response.Text.Length > 0 || (message.Role == "system" && prompt.Text.Length > 0);
            if (message.Role is "system" or "user" && isComplete)
            {
                Execute(_body);
                (system, prompt, response) = (StringValue.Empty, StringValue.Empty, StringValue.Empty);
            }

            switch (message.Role)
            {
                case "system":
                    system = message.Content;
                    break;
                case "user":
                    prompt = message.Content;
                    break;
                case "assistant":
                    response = message.Content;
                    break;
            }
        }

        // Ollama renders the last turn without the option that makes a field of a missing variable an error.
        state.Missing = GoNil.Nothing;
        Execute(_open!);

        void Execute(GoBlock body) => OllamaTemplate.Execute(
            state, body, thinking, ("System", new GoString(system)), ("Prompt", new GoString(prompt)), ("Response", new GoString(response)));
    }

    private static void Execute(GoState state, GoBlock body, OllamaThinking thinking, params (string Name, GoValue Value)[] variables)
    {
        IEnumerable<KeyValuePair<string, GoValue>> all =
            variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)).Concat(thinking.Variables);
        var entries = new OrderedDictionary<string, GoValue>(all.OrderBy(variable => variable.Key, StringComparer.Ordinal));
        state.Execute(body, new GoMap(entries));
    }
}
