using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Scheduling;

namespace Hearth.Engine.Output.Replies;

/// <summary>
/// gpt-oss: messages of their own for reasoning (channel <c>analysis</c>), what is said before a call (<c>commentary</c>), the answer
/// (<c>final</c>) and each call (a recipient <c>functions.name</c>).
/// </summary>
internal sealed class HarmonyFormat() : ReplyFormat("harmony")
{
    internal const string Start = "<|start|>";
    internal const string Channel = "<|channel|>";
    internal const string Message = "<|message|>";
    internal const string Constrain = "<|constrain|>";
    internal const string End = "<|end|>";
    internal const string Call = "<|call|>";
    internal const string Return = "<|return|>";

    private static readonly string[] s_marks = [Start, Channel, Message, Constrain, End, Call, Return];

    public override bool HasReasoning => true;

    public override IReadOnlyList<string> MarksFor(ReplyOptions options) => s_marks;

    public override ConstraintPreamble? PreambleFor(ReplyOptions options) => new(null, $"{Channel}final{Message}");

    internal override Expression Write(CallGrammar grammar, CallRules rules, ReplyOptions options)
    {
        Expression text = grammar.Rule("text", grammar.Without(s_marks));
        Expression Plain(string channel) => Expression.Sequence(grammar.Mark($"{Channel}{channel}{Message}"), text);
        Expression next = grammar.IsEnd(End) ? Expression.Nothing : grammar.Mark($"{End}{Start}assistant");
        Expression type = Expression.Sequence(Expression.Choice(Expression.Literal(" json"), Constrained(grammar)), grammar.Mark(Message));
        Expression call = grammar.Each(tool => Expression.Sequence(
            Expression.Choice(
                Expression.Sequence(grammar.Mark($"{Channel}commentary"), Expression.Literal($" to=functions.{tool.Name}")),
                Expression.Sequence(Expression.Literal($" to=functions.{tool.Name}"), grammar.Mark($"{Channel}commentary"))),
            type,
            tool.Json()));
        Expression calls = Expression.Sequence(grammar.Several(call, next), grammar.IsEnd(Call) ? Expression.Empty : grammar.Mark(Call));
        Expression thoughts = Expression.Repeat(Expression.Sequence(Plain("analysis"), next), 0, null);
        if (rules.MustCall)
        {
            return Expression.Sequence(thoughts, calls);
        }

        if (rules.Text is not null)
        {
            Expression form = rules.Text.Within(grammar.Builder);
            Expression header = Expression.Sequence(grammar.Mark($"{Channel}final"), Expression.Optional(Constrained(grammar)), grammar.Mark(Message));
            return Expression.Sequence(thoughts, Expression.Choice(calls, Expression.Sequence(header, form)));
        }

        Expression said = Expression.Repeat(Expression.Sequence(Expression.Choice(Plain("analysis"), Plain("commentary")), next), 0, null);
        return Expression.Sequence(said, Expression.Choice(calls, Plain("final"), Plain("analysis"), Plain("commentary")));
    }

    private static Expression Constrained(CallGrammar grammar) => Expression.Sequence(grammar.OneSpace, grammar.Mark(Constrain), Expression.Literal("json"));

    // Where tools may be called, the model chooses what comes next, as long as that is not more reasoning.
    internal override string? ReasoningEnd(ReplyOptions options, bool again) =>
        options.Tools.Count > 0 && !again ? End : $"{End}{Start}assistant{Channel}final{Message}";

    internal override IEnumerable<Step> Read(ReplyReader reader) => new HarmonyReply(reader).Read();
}
