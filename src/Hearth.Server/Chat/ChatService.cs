using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;
using Hearth.Server.Hosting;

namespace Hearth.Server.Chat;

/// <summary>
/// Turns a conversation into a prompt. Every API goes through here: it fills a <see cref="Conversation"/>, gets a <see cref="ChatPrompt"/>,
/// starts a <see cref="ChatRun"/> with it, and writes the run's <see cref="ChatEvent"/>s in its own shape.
/// </summary>
public static class ChatService
{
    // Marks that a template opens at the end of a prompt are shorter.
    private const int PromptEndLength = 256;

    // Special tokens are trusted: they are recognised wherever a template writes them.
    private static readonly FrozenSet<string> s_reserved =
        TemplateRenderOptions.Default.TrustedVariables.Union(["messages", "tools", "add_generation_prompt"]).ToFrozenSet();

    /// <summary>As <see cref="Encode(LanguageModel, Conversation, CancellationToken)"/>, with what the model's package puts in front of the
    /// conversation.</summary>
    /// <param name="lease">The model.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    /// <inheritdoc cref="Encode(LanguageModel, Conversation, CancellationToken)" path="/exception"/>
    public static ChatPrompt Encode(ModelLease<LanguageModel> lease, Conversation conversation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(conversation);
        ServedModelOptions options = lease.Served.Options;
        conversation = conversation with { Messages = options.Conversation.Begin(conversation.Messages), ReasoningBudget = conversation.ReasoningBudget ?? options.ReasoningBudget };
        return Encode(lease.Model, conversation, cancellationToken);
    }

    /// <summary>Renders a conversation with the model's chat template and encodes the result.</summary>
    /// <remarks>
    /// <para>Control tokens are recognised in the template's own text only: what a message says can never become one.</para>
    /// <para>What the template cannot express is put into messages that it can: see <see cref="TemplateMessages"/>.</para>
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    /// <exception cref="TemplateException">The template refuses the messages.</exception>
    /// <exception cref="TemplateArgumentException">One of <see cref="Conversation.TemplateArguments"/> is set by the conversation itself.</exception>
    public static ChatPrompt Encode(LanguageModel model, Conversation conversation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(conversation);
        ToolChoice choice = conversation.ToolChoice;
        IReadOnlyList<ToolDefinition> tools = choice.Kind == ToolChoiceKind.None ? [] : conversation.Tools;
        if (conversation is { ReasoningBudget: 0, Thinking: null })
        {
            conversation = conversation with { Thinking = Thinking.Off };
        }

        ModelTemplate template = ModelTemplate.Of(model, conversation);
        SpecialTokens special = model.Tokenizer.Special;
        string beginning = TextOf(model.Tokenizer, special.Bos);
        JsonObject context = template.Context(conversation, tools, cancellationToken);
        context["bos_token"] = beginning;
        context["eos_token"] = TextOf(model.Tokenizer, special.Eos);
        foreach ((string name, JsonNode? value) in conversation.TemplateArguments ?? [])
        {
            context[name] = s_reserved.Contains(name) ? throw new TemplateArgumentException(name) : value?.DeepClone();
        }

        IReadOnlyList<RenderedSegment> rendered = template.Template.RenderSegments(context, null, cancellationToken);
        List<PromptSegment> segments = [.. rendered.Select(segment => new PromptSegment(segment.Text, segment.FromTemplate))];
        if (special.AddBos && beginning.Length > 0 && segments is [{ AllowSpecial: true } first, ..] && first.Text.StartsWith(beginning, StringComparison.Ordinal))
        {
            // The vocabulary adds the token itself; the template's would make two.
            segments[0] = first with { Text = first.Text[beginning.Length..] };
        }

        string text = string.Concat(segments.Select(segment => segment.Text));
        ReplyOptions reply = new()
        {
            Tools = [.. tools.Select(tool => new ReplyTool(tool.Name, tool.Parameters) { IsStrict = tool.IsStrict })],
            SeparateReasoning = conversation.SeparateReasoning,
            PromptEnd = segments is [.., { AllowSpecial: true } last] ? last.Text[^Math.Min(last.Text.Length, PromptEndLength)..] : string.Empty,
        };
        ReplyFormat format = template.FormatFor(tools.Count > 0);
        HashSet<int> shown = template.TokensOf(format.MarksFor(reply));
        return new ChatPrompt(
            model.Tokenizer.Encode(CollectionsMarshal.AsSpan(segments), addSpecial: true),
            text,
            format,
            reply,
            shown,
            token => !model.Tokenizer.IsHidden(token) || shown.Contains(token))
        {
            // Whoever names a tool wants one call of it.
            Rules = new CallRules
            {
                MustCall = choice.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named,
                Name = choice.Name,
                IsSingle = !conversation.ParallelToolCalls || choice.Kind == ToolChoiceKind.Named,
            },
            KindOf = template.KindOf,
            ReasoningBudget = conversation.ReasoningBudget is >= 0 and int tokens ? new ReasoningBudget(tokens, format, reply, shown) : null,
        };
    }

    private static string TextOf(Tokenizer tokenizer, int? token) => token is int id ? tokenizer.TokenText(id) : string.Empty;
}
