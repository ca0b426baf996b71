using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>
/// Llama 3.x: the whole reply is <c>{"name", "parameters"}</c>, or several of them with semicolons in between; or what
/// <see cref="PythonTag"/> describes. Without a mark, only a call of a known tool is one.
/// </summary>
internal sealed class LlamaSyntax : ToolSyntax
{
    private static readonly JsonCallForm s_form = new(ArgumentsKey: "parameters");

    internal override IReadOnlyList<string> Openers { get; } = [PythonTag.Mark];

    internal override bool IsBare(char character, bool hasContent) => character == '{' && !hasContent;

    internal override Expression Write(CallGrammar grammar, string trigger) => PythonTag.Write(grammar, s_form);

    internal override Expression Write(CallGrammar grammar) => grammar.Several(s_form.Write(grammar), Expression.Literal("; "));

    internal override char? BareBeginning => '{';

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        if (opener == PythonTag.Mark)
        {
            return PythonTag.Read(reader);
        }

        return Objects(reader);
    }

    private static IEnumerable<Step> Objects(CallReader reader)
    {
        do
        {
            foreach (Step step in JsonCalls.Object(reader, givesIds: false).Concat(reader.Accept(";")).Concat(reader.Peek()))
            {
                yield return step;
            }
        }
        while (reader.Next == '{');
    }
}
