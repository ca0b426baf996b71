using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>
/// What follows <c>&lt;|python_tag|&gt;</c>: a call as JSON, a call <c>name.call(key="value")</c>, or code, which is the argument <c>code</c> of the tool that
/// runs Python.
/// </summary>
internal static class PythonTag
{
    internal const string Mark = "<|python_tag|>";
    private static readonly string[] s_interpreters = ["python", "code_interpreter", "ipython"];

    /// <summary>What follows the mark, as a grammar: calls as JSON; or code, where a tool runs Python and none is strict.</summary>
    internal static Expression Write(CallGrammar grammar, JsonCallForm form)
    {
        Expression calls = grammar.Several(form.Write(grammar), Expression.Literal("; "));
        return grammar.IsStrict || !Array.Exists(s_interpreters, grammar.HasTool) ? calls : Expression.Choice(
            calls, grammar.Without([Mark], Expression.Sequence(CallGrammar.WhiteSpace, Expression.Optional(Expression.Sequence(Expression.Literal("{"), CallGrammar.AnyBytes)))));
    }

    internal static IEnumerable<Step> Read(CallReader reader)
    {
        foreach (Step step in reader.Peek())
        {
            yield return step;
        }

        if (reader.Next == '{')
        {
            do
            {
                foreach (Step step in JsonCalls.Object(reader, givesIds: false).Concat(reader.Accept(";")).Concat(reader.Peek()))
                {
                    yield return step;
                }
            }
            while (reader.Next == '{');

            yield break;
        }

        foreach (Step step in reader.Rest())
        {
            yield return step;
        }

        string code = reader.Text.Trim();
        IReadOnlyList<(string Name, string Arguments)>? calls = PythonCalls.Parse(code.Replace(".call(", "(", StringComparison.Ordinal));
        if (calls is not null && calls.All(call => reader.Reply.IsTool(call.Name)))
        {
            foreach ((string name, string arguments) in calls)
            {
                reader.Add(name, arguments);
            }
        }
        else if (Array.Find(s_interpreters, reader.Reply.IsTool) is string interpreter && code.Length > 0)
        {
            reader.Add(interpreter, $"{{\"code\": {TaggedArguments.Quote(code)}}}");
        }
        else
        {
            yield return Step.Broken;
        }
    }
}
