using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>LFM2: a list of Python calls between marks.</summary>
internal sealed class Lfm2Syntax : ToolSyntax
{
    private const string End = "<|tool_call_end|>";

    internal override IReadOnlyList<string> Openers { get; } = ["<|tool_call_start|>"];

    internal override IReadOnlyList<string> Marks { get; } = [End];

    internal override Expression Write(CallGrammar grammar, string trigger) => Expression.Sequence(
        Expression.Literal("["),
        grammar.Several(grammar.Each(tool => PythonCallForm.Write(grammar, tool, End)), Expression.Literal(", ")),
        Expression.Literal("]"),
        grammar.Mark(End));

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        foreach (Step step in reader.Until(End))
        {
            yield return step;
        }

        foreach ((string name, string arguments) in PythonCalls.Parse(reader.Text) ?? [])
        {
            reader.Add(name, arguments);
        }
    }
}
