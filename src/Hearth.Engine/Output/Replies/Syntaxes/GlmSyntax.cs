using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>GLM-4.x: <c>&lt;tool_call&gt;name</c>, then <c>&lt;arg_key&gt;key&lt;/arg_key&gt;&lt;arg_value&gt;value&lt;/arg_value&gt;</c> for each argument.</summary>
internal sealed class GlmSyntax : ToolSyntax
{
    private const string KeyBegin = "<arg_key>";
    private const string KeyEnd = "</arg_key>";
    private const string ValueBegin = "<arg_value>";
    private const string ValueEnd = "</arg_value>";
    private const string CallEnd = "</tool_call>";

    internal override IReadOnlyList<string> Openers { get; } = ["<tool_call>"];

    internal override IReadOnlyList<string> Marks { get; } = [KeyBegin, KeyEnd, ValueBegin, ValueEnd, CallEnd];

    internal override Expression Write(CallGrammar grammar, string trigger)
    {
        TaggedCallForm form = new(ValueEnd, (key, value, _) => Expression.Sequence(
            grammar.Mark(KeyBegin), key, grammar.Mark(KeyEnd), grammar.Gap, grammar.Mark(ValueBegin), value, grammar.Mark(ValueEnd)));
        return grammar.Each(tool => Expression.Sequence(
            Expression.Literal(tool.Name), grammar.Gap, form.Write(grammar, tool, grammar.Gap), grammar.Gap, grammar.Mark(CallEnd)));
    }

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        foreach (Step step in reader.Peek())
        {
            yield return step;
        }

        if (reader.Next == '{')
        {
            foreach (Step step in JsonCalls.Read(reader, givesIds: false).Concat(reader.Accept(CallEnd)))
            {
                yield return step;
            }

            yield break;
        }

        foreach (Step step in reader.NameBefore("\n<").Concat(reader.Accept(KeyBegin)))
        {
            yield return step;
        }

        string name = reader.Text;
        TaggedArguments arguments = new(reader, name);
        while (reader.Accepted)
        {
            foreach (Step step in reader.Until(KeyEnd, CallReader.MaxName))
            {
                yield return step;
            }

            string key = reader.Text.Trim();
            foreach (Step step in reader.Expect(ValueBegin).Concat(reader.Until(ValueEnd)))
            {
                yield return step;
            }

            arguments.Add(key, reader.Text);
            foreach (Step step in reader.Accept(KeyBegin))
            {
                yield return step;
            }
        }

        foreach (Step step in reader.Accept(CallEnd))
        {
            yield return step;
        }

        if ((!reader.Accepted && arguments.Count == 0) || !reader.Add(name, arguments.ToJson()))
        {
            yield return Step.Broken;
        }
    }
}
