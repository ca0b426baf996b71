using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>
/// DeepSeek: a section of calls, each <c>function&lt;｜tool▁sep｜&gt;name\n```json\n{}\n```</c> (V3, R1) or <c>name&lt;｜tool▁sep｜&gt;{}</c> (V3.1)
/// between marks. The section's marks may be missing.
/// </summary>
internal sealed class DeepSeekSyntax : ToolSyntax
{
    private const string CallsBegin = "<｜tool▁calls▁begin｜>";
    private const string CallsEnd = "<｜tool▁calls▁end｜>";
    private const string CallBegin = "<｜tool▁call▁begin｜>";
    private const string CallEnd = "<｜tool▁call▁end｜>";
    private const string Separator = "<｜tool▁sep｜>";

    internal override IReadOnlyList<string> Openers { get; } = [CallsBegin, CallBegin];

    internal override IReadOnlyList<string> Marks { get; } = [CallsEnd, CallEnd, Separator];

    internal override Expression Write(CallGrammar grammar, string trigger)
    {
        Expression call = grammar.Each(tool => Expression.Sequence(
            Expression.Choice(
                Expression.Sequence(Expression.Literal(tool.Name), grammar.Mark(Separator), tool.Json()),
                Expression.Sequence(Expression.Literal("function"), grammar.Mark(Separator), Expression.Literal($"{tool.Name}\n```json\n"), tool.Json(), Expression.Literal("\n```"))),
            grammar.Mark(CallEnd)));
        return Expression.Sequence(
            trigger == CallBegin ? Expression.Empty : grammar.Mark(CallBegin),
            grammar.Several(call, Expression.Sequence(grammar.Gap, grammar.Mark(CallBegin))),
            trigger == CallBegin ? Expression.Empty : Expression.Sequence(grammar.Gap, grammar.Mark(CallsEnd)));
    }

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        foreach (Step step in opener == CallBegin ? [] : reader.Expect(CallBegin))
        {
            yield return step;
        }

        do
        {
            foreach (Step step in reader.Name(Separator).Concat(Call(reader)).Concat(reader.Accept(CallEnd)).Concat(reader.Accept(CallBegin)))
            {
                yield return step;
            }
        }
        while (reader.Accepted);

        foreach (Step step in reader.Accept(CallsEnd))
        {
            yield return step;
        }
    }

    private static IEnumerable<Step> Call(CallReader reader)
    {
        string name = reader.Text;
        foreach (Step step in reader.Peek())
        {
            yield return step;
        }

        if (reader.Next == '{')
        {
            foreach (Step step in reader.Arguments(name))
            {
                yield return step;
            }

            yield break;
        }

        foreach (Step step in reader.Name("\n"))
        {
            yield return step;
        }

        foreach (Step step in reader.Accept("```json").Concat(reader.Arguments(reader.Text)).Concat(reader.Accept("```")))
        {
            yield return step;
        }
    }
}
