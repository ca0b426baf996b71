using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;

namespace Hearth.Server.Chat;

/// <summary>A model's chat template with what is known of it: what it can express, and how replies to it look.</summary>
internal sealed class ModelTemplate
{
    private const string TemplateKey = "tokenizer.chat_template";
    private const string ToolTemplateKey = "tokenizer.chat_template.tool_use";
    private static readonly ConditionalWeakTable<LanguageModel, ModelTemplate> s_templates = [];
    private static readonly ConditionalWeakTable<LanguageModel, ModelTemplate> s_toolTemplates = [];
    private readonly Tokenizer _tokenizer;
    private readonly ConcurrentDictionary<string, int?> _tokens = new();
    private readonly Lazy<TemplateAbilities> _abilities;
    private readonly Lazy<ReplyFormat> _taughtFormat;

    private ModelTemplate(ChatTemplate template, Tokenizer tokenizer)
    {
        Template = template;
        _tokenizer = tokenizer;
        Format = ReplyFormat.Detect(template.Source, text => Find(text) is not null);
        _taughtFormat = new Lazy<ReplyFormat>(() => ReplyFormat.Detect(template.Source, text => Find(text) is not null, callsAreTaught: true));
        _abilities = new Lazy<TemplateAbilities>(() => TemplateAbilities.Probe(template));
    }

    public ChatTemplate Template { get; }

    /// <summary>How replies look, by the template itself.</summary>
    public ReplyFormat Format { get; }

    /// <summary>How replies look to a conversation with or without tools.</summary>
    public ReplyFormat FormatFor(bool withTools) => withTools && !_abilities.Value.KnowsTools ? _taughtFormat.Value : Format;

    /// <summary>The template that a conversation is written with.</summary>
    public static ModelTemplate Of(LanguageModel model, Conversation conversation) => conversation.Template is ChatTemplate own
        ? new ModelTemplate(own, model.Tokenizer)
        : Of(model, conversation.ToolChoice.Kind != ToolChoiceKind.None && conversation.Tools.Count > 0);

    /// <summary>The template of a model: for conversations with tools, the one that its file may have for them, unless another one was given.</summary>
    public static ModelTemplate Of(LanguageModel model, bool withTools) =>
        withTools && model.Metadata.GetString(ToolTemplateKey) is string source && model.ChatTemplate.Source == model.Metadata.GetString(TemplateKey)
        ? s_toolTemplates.GetValue(model, key => new ModelTemplate(ChatTemplate.Parse(source), key.Tokenizer))
        : s_templates.GetValue(model, key => new ModelTemplate(key.ChatTemplate, key.Tokenizer));

    /// <summary>The variables that the template gets.</summary>
    public JsonObject Context(Conversation conversation, IReadOnlyList<ToolDefinition> tools, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TemplateMessages.Context(conversation, tools, _abilities, Template.Source);
    }

    /// <summary>The tokens that the vocabulary has for texts.</summary>
    public HashSet<int> TokensOf(IEnumerable<string> texts) => [.. texts.Select(Find).OfType<int>()];

    /// <summary>What a mark is in the vocabulary.</summary>
    public MarkKind KindOf(string mark) => Find(mark) is not int token ? MarkKind.Text
        : _tokenizer.IsEndOfGeneration(token) ? MarkKind.End
        : _tokenizer.IsControl(token) ? MarkKind.Control
        : MarkKind.Text;

    private int? Find(string text) => _tokens.GetOrAdd(text, _tokenizer.FindToken);
}
