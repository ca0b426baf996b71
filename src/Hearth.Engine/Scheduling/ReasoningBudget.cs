using Hearth.Engine.Output.Replies;

namespace Hearth.Engine.Scheduling;

/// <summary>
/// How long a model may reason before it answers. When the budget is used up, the mark that ends the reasoning is written for the model, and the
/// answer goes on behind it.
/// </summary>
/// <param name="Tokens">
/// Tokens of reasoning at most, 0 or more; those that mark its beginning and its end are not counted. A character whose tokens would exceed it
/// stays incomplete.
/// </param>
/// <param name="Format">How the model marks reasoning; one that marks none is not limited.</param>
/// <param name="Reply">How the reply is read: whether the prompt has begun the reasoning, and which tools may be called.</param>
/// <param name="Marks">The control tokens that mark parts of the reply.</param>
public sealed record ReasoningBudget(int Tokens, ReplyFormat Format, ReplyOptions Reply, IReadOnlySet<int> Marks);
