using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>Functionary 3.1: <c>&lt;function=name&gt;{}&lt;/function&gt;</c>, and <c>&lt;|python_tag|&gt;</c> before code for a tool <c>python</c>.</summary>
internal sealed class FunctionaryTagSyntax : ToolSyntax
{
    private const string FunctionBegin = "<function=";

    internal override IReadOnlyList<string> Openers { get; } = [FunctionBegin, PythonTag.Mark];

    internal override Expression Write(CallGrammar grammar, string trigger) => trigger == PythonTag.Mark
        ? PythonTag.Write(grammar, new JsonCallForm(ArgumentsKey: "parameters"))
        : grammar.Each(tool => Expression.Sequence(Expression.Literal($"{tool.Name}>"), tool.Json(), Expression.Literal("</function>")));

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        if (opener == PythonTag.Mark)
        {
            return PythonTag.Read(reader);
        }

        return Function(reader);
    }

    private static IEnumerable<Step> Function(CallReader reader)
    {
        foreach (Step step in reader.Name(">"))
        {
            yield return step;
        }

        foreach (Step step in reader.Arguments(reader.Text).Concat(reader.Accept("</function>")))
        {
            yield return step;
        }
    }
}
