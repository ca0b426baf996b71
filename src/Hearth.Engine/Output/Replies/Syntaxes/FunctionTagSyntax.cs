using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>
/// Qwen3-Coder, Nemotron 3, Seed-OSS: <c>&lt;tool_call&gt;&lt;function=name&gt;&lt;parameter=key&gt;value&lt;/parameter&gt;&lt;/function&gt;&lt;/tool_call&gt;</c>,
/// a line break at both ends of a value being the tags'.
/// </summary>
/// <param name="prefix">What the outer tag's name begins with.</param>
internal sealed class FunctionTagSyntax(string prefix = "") : ToolSyntax
{
    private const string FunctionBegin = "<function=";
    private const string FunctionEnd = "</function>";
    private const string ParameterBegin = "<parameter=";
    private const string ParameterEnd = "</parameter>";
    private readonly string _begin = $"<{prefix}tool_call>";
    private readonly string _end = $"</{prefix}tool_call>";

    // The outer tag is forgotten now and then.
    internal override IReadOnlyList<string> Openers => [_begin, FunctionBegin];

    internal override IReadOnlyList<string> Marks => [_end];

    internal override Expression Write(CallGrammar grammar, string trigger)
    {
        TaggedCallForm form = new(ParameterEnd, (key, value, _) => Expression.Sequence(
            Expression.Literal(ParameterBegin), key, Expression.Literal(">\n"), value, Expression.Literal($"\n{ParameterEnd}")));
        Expression function = grammar.Each(tool => Expression.Sequence(
            Expression.Literal($"{tool.Name}>"), grammar.Gap, form.Write(grammar, tool, grammar.Gap), grammar.Gap, Expression.Literal(FunctionEnd)));
        return trigger == FunctionBegin ? function : Expression.Sequence(
            grammar.Gap,
            Expression.Literal(FunctionBegin),
            grammar.Several(function, Expression.Sequence(grammar.Gap, Expression.Literal(FunctionBegin))),
            grammar.Gap,
            grammar.Mark(_end));
    }

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        if (opener == _begin)
        {
            foreach (Step step in reader.Peek())
            {
                yield return step;
            }

            foreach (Step step in reader.Next == '{' ? JsonCalls.Read(reader, givesIds: false) : Functions(reader))
            {
                yield return step;
            }
        }
        else
        {
            foreach (Step step in Function(reader))
            {
                yield return step;
            }
        }

        foreach (Step step in reader.Accept(_end))
        {
            yield return step;
        }
    }

    private static IEnumerable<Step> Functions(CallReader reader)
    {
        foreach (Step step in reader.Expect(FunctionBegin))
        {
            yield return step;
        }

        do
        {
            foreach (Step step in Function(reader).Concat(reader.Accept(FunctionBegin)))
            {
                yield return step;
            }
        }
        while (reader.Accepted);
    }

    private static IEnumerable<Step> Function(CallReader reader)
    {
        foreach (Step step in reader.Name(">").Concat(reader.Accept(ParameterBegin)))
        {
            yield return step;
        }

        string name = reader.Text;
        TaggedArguments arguments = new(reader, name);
        while (reader.Accepted)
        {
            foreach (Step step in reader.Until(">", CallReader.MaxName))
            {
                yield return step;
            }

            string key = reader.Text.Trim();
            foreach (Step step in reader.Until(ParameterEnd))
            {
                yield return step;
            }

            arguments.Add(key, WithoutLineBreaks(reader.Text));
            foreach (Step step in reader.Accept(ParameterBegin))
            {
                yield return step;
            }
        }

        foreach (Step step in reader.Accept(FunctionEnd))
        {
            yield return step;
        }

        if ((!reader.Accepted && arguments.Count == 0) || !reader.Add(name, arguments.ToJson()))
        {
            yield return Step.Broken;
        }
    }

    private static string WithoutLineBreaks(string text)
    {
        int start = text.StartsWith('\n') ? 1 : 0;
        return text.Length > start && text.EndsWith('\n') ? text[start..^1] : text[start..];
    }
}
