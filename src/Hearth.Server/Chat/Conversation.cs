using System.Text.Json.Nodes;
using Hearth.Engine.Templates;

namespace Hearth.Server.Chat;

/// <summary>All that an answer depends on before tokens are chosen: what was said, what the model may use, how it is to think.</summary>
/// <param name="Messages">The messages, oldest first; at least one.</param>
public sealed record Conversation(IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>The tools that the model may call.</summary>
    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];

    /// <summary>Whether it may, or must, call them.</summary>
    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    /// <summary>Whether a reply may have several calls; false ends each reply's calls after the first.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>How the model is to think; null leaves it to the model's template.</summary>
    public Thinking? Thinking { get; init; }

    /// <summary>
    /// Tokens that the model may reason for before it answers; 0 for none, negative for any number; null for what is set for the model.
    /// </summary>
    public int? ReasoningBudget { get; init; }

    /// <summary>Whether the prompt ends with the beginning of the model's reply; otherwise with the last message.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Whether reasoning is told apart from the answer; otherwise it stays in its text, with the model's marks.</summary>
    public bool SeparateReasoning { get; init; } = true;

    /// <summary>The chat template to use instead of the model's own; null for the model's.</summary>
    public ChatTemplate? Template { get; init; }

    /// <summary>More variables for the chat template (<c>chat_template_kwargs</c>); they take precedence over all others.</summary>
    public JsonObject? TemplateArguments { get; init; }
}

/// <summary>A tool that a model may call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does; null for nothing said.</param>
/// <param name="Parameters">The JSON Schema of its arguments, an object's; null for no arguments.</param>
public sealed record ToolDefinition(string Name, string? Description, JsonObject? Parameters)
{
    /// <summary>
    /// Whether the arguments of its calls must satisfy their schema, so that one which cannot be kept to is refused. Otherwise they are held to it as far
    /// as that is possible.
    /// </summary>
    public bool IsStrict { get; init; }
}

/// <summary>Whether a model calls tools.</summary>
/// <param name="Kind">Whether.</param>
/// <param name="Name">The tool to call, of <see cref="ToolChoiceKind.Named"/>.</param>
public sealed record ToolChoice(ToolChoiceKind Kind, string? Name = null)
{
    /// <summary>The model decides.</summary>
    public static ToolChoice Auto { get; } = new(ToolChoiceKind.Auto);

    /// <summary>The model is told of no tools.</summary>
    public static ToolChoice None { get; } = new(ToolChoiceKind.None);

    /// <summary>The model must call a tool.</summary>
    public static ToolChoice Required { get; } = new(ToolChoiceKind.Required);
}

/// <summary>Kinds of <see cref="ToolChoice"/>.</summary>
public enum ToolChoiceKind
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>The model is told of no tools.</summary>
    None,

    /// <summary>The model must call a tool.</summary>
    Required,

    /// <summary>The model must call the tool that is named.</summary>
    Named,
}

/// <summary>How a model is to think before it answers. Models without such a choice ignore it.</summary>
/// <param name="IsOn">Whether it thinks at all.</param>
/// <param name="Effort">How much, in the model's words (<c>low</c>, <c>medium</c>, <c>high</c>, ...); null leaves it to the model.</param>
public sealed record Thinking(bool IsOn, string? Effort = null)
{
    /// <summary>The model answers at once.</summary>
    public static Thinking Off { get; } = new(false);

    /// <summary>The model thinks first.</summary>
    public static Thinking On { get; } = new(true);

    /// <summary>The model thinks first, with this effort.</summary>
    public static Thinking With(string effort) => new(true, effort);
}
