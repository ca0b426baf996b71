using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Scheduling;

namespace Hearth.Engine.Output.Replies;

/// <summary>Text, with marks around reasoning and calls: what all but a few models write.</summary>
/// <param name="name">The format's name.</param>
/// <param name="tools">How calls are written.</param>
/// <param name="reasoning">The marks around reasoning; null for a model without.</param>
/// <param name="wrappers">Marks around the answer, which mean nothing.</param>
internal sealed class MarkedFormat(string name, ToolSyntax tools, Reasoning? reasoning, params string[] wrappers) : ReplyFormat(name)
{
    public override bool HasReasoning => reasoning is not null;

    internal Reasoning? Reasoning => reasoning;

    internal ToolSyntax Tools => tools;

    internal IReadOnlyList<string> Wrappers => wrappers;

    public override IReadOnlyList<string> MarksFor(ReplyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> marks = [.. wrappers];
        if (reasoning is not null)
        {
            marks.AddRange(reasoning.Marks);
        }

        if (options.Tools.Count > 0)
        {
            marks.AddRange(tools.Openers);
            marks.AddRange(tools.Marks);
        }

        return marks;
    }

    public override ConstraintPreamble? PreambleFor(ReplyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return reasoning is null || reasoning.IsClosedAtEndOf(options.PromptEnd) ? null
            : new ConstraintPreamble(reasoning.IsOpenAtEndOf(options.PromptEnd) ? null : reasoning.Open, reasoning.Close);
    }

    internal override Expression Write(CallGrammar grammar, CallRules rules, ReplyOptions options)
    {
        bool isFree = !rules.MustCall && rules.Text is null;
        Expression answer = isFree ? Free(grammar, tools) : grammar.Rule("required calls", tools.Write(grammar));
        if (rules.Text is not null && !rules.MustCall)
        {
            answer = Expression.Choice(answer, rules.Text.Within(grammar.Builder));
        }

        return reasoning is null || reasoning.IsClosedAtEndOf(options.PromptEnd) ? answer
            : options.SeparateReasoning ? AfterReasoning(grammar, answer, [reasoning.Close], isFree, options)
            : isFree ? answer
            : AfterReasoning(grammar, answer, [reasoning.Close, .. tools.Triggers], isFree, options);
    }

    private static Expression Free(CallGrammar grammar, ToolSyntax tools)
    {
        if (tools.BareBeginning is not char bare || !grammar.IsStrict)
        {
            return grammar.Free(tools.Triggers, trigger => tools.WriteFree(grammar, trigger));
        }

        Expression beginning = Expression.Sequence(CallGrammar.WhiteSpace, Expression.Literal($"{bare}"), CallGrammar.AnyBytes);
        return Expression.Choice(
            Expression.Sequence(grammar.Space, tools.Write(grammar)),
            grammar.Free(tools.Triggers, trigger => tools.WriteFree(grammar, trigger), beginning));
    }

    private Expression AfterReasoning(CallGrammar grammar, Expression answer, string[] marks, bool isFree, ReplyOptions options)
    {
        Expression rule = grammar.Rule("answer", answer);
        Expression thought = Expression.Sequence(grammar.Until(reasoning!.Close, marks), grammar.Space, rule);
        if (isFree)
        {
            thought = Expression.Choice(thought, grammar.Without(marks));
        }

        return reasoning.IsOpenAtEndOf(options.PromptEnd)
            ? thought
            : Expression.Choice(rule, Expression.Sequence(grammar.Space, grammar.Mark(reasoning.Open), thought));
    }

    internal override string? ReasoningEnd(ReplyOptions options, bool again) => reasoning?.Close;

    internal override IEnumerable<Step> Read(ReplyReader reader) => new MarkedReply(this, reader).Read();
}
