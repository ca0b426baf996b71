using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies;

/// <summary>Functionary 3.2: parts that begin with <c>&gt;&gt;&gt;</c> and a recipient: <c>all</c> for text, else a tool, with its arguments.</summary>
internal sealed class FunctionaryFormat() : ReplyFormat("functionary-v3.2")
{
    private const string Mark = ">>>";
    private const string Everybody = "all";
    private static readonly StopAutomaton s_marks = new([Mark]);

    public override bool HasReasoning => false;

    public override IReadOnlyList<string> MarksFor(ReplyOptions options) => [];

    internal override Expression Write(CallGrammar grammar, CallRules rules, ReplyOptions options)
    {
        bool begins = Begins(options);
        Expression first = begins ? Expression.Empty : Expression.Literal(Mark);
        Expression call = grammar.Each(tool => tool.Name == Everybody ? Expression.Nothing : Expression.Sequence(Expression.Literal($"{tool.Name}\n"), tool.Json()));
        Expression calls = Expression.Sequence(first, grammar.Several(call, Expression.Literal($"\n{Mark}")));
        if (rules.MustCall)
        {
            return calls;
        }

        Expression toAll = Expression.Literal($"{Everybody}\n");
        if (rules.Text is not null)
        {
            return Expression.Choice(calls, Expression.Sequence(first, toAll, rules.Text.Within(grammar.Builder)));
        }

        int part = grammar.Builder.AddRule("part");
        Expression text = Expression.Choice(grammar.Without([Mark]), Expression.Sequence(grammar.Until(Mark, [Mark]), Expression.Call(part)));
        grammar.Builder.Define(part, Expression.Sequence(toAll, text));
        grammar.Builder.Define(part, Expression.Sequence(
            call, grammar.IsSingle ? Expression.Empty : Expression.Optional(Expression.Sequence(Expression.Literal($"\n{Mark}"), Expression.Call(part)))));
        return begins ? Expression.Call(part) : text;
    }

    private static bool Begins(ReplyOptions options) => options.PromptEnd.TrimEnd().EndsWith(Mark, StringComparison.Ordinal);

    internal override IEnumerable<Step> Read(ReplyReader reader)
    {
        MarkedText text = new(reader);
        bool begins = Begins(reader.Options);
        while (true)
        {
            foreach (Step step in begins ? ReadPart(text, reader) : [])
            {
                yield return step;
            }

            begins = true;
            foreach (Step step in text.Until(s_marks, isReasoning: false))
            {
                yield return step;
            }

            if (text.Found is null)
            {
                yield break;
            }
        }
    }

    // A part that is neither text nor a call is text with its mark.
    private static IEnumerable<Step> ReadPart(MarkedText text, ReplyReader reader)
    {
        CallReader part = new(reader, text.Position, requiresKnownTool: false);
        using IEnumerator<Step> steps = Recipient(part, reader.Options.Tools.Count > 0).GetEnumerator();
        while (steps.MoveNext())
        {
            if (steps.Current == Step.Broken || reader.Input.IsAtEnd)
            {
                part.BreakOff();
                if (part.Count > 0)
                {
                    text.SkipTo(part.End);
                }
                else
                {
                    text.KeepTo(text.Position);
                }

                yield break;
            }

            yield return Step.NeedsText;
        }

        text.SkipTo(part.Position);
    }

    private static IEnumerable<Step> Recipient(CallReader part, bool mayCall)
    {
        foreach (Step step in part.Name("\n"))
        {
            yield return step;
        }

        foreach (Step step in part.Text == Everybody ? [] : mayCall ? part.Arguments(part.Text) : [Step.Broken])
        {
            yield return step;
        }
    }
}
