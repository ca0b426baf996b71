using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>
/// For models whose template says nothing of calls, and which are told to write them as Hermes does: <c>&lt;tool_call&gt;</c>, or a call of a
/// known tool as JSON at the beginning of a line or in a fenced block.
/// </summary>
internal sealed class GenericSyntax : ToolSyntax
{
    private const string CallBegin = "<tool_call>";
    private const string CallEnd = "</tool_call>";
    private const string FenceBegin = "```json";
    private const string FenceEnd = "```";

    internal override IReadOnlyList<string> Openers { get; } = [CallBegin, FenceBegin];

    internal override IReadOnlyList<string> Marks { get; } = [CallEnd];

    internal override bool RequiresKnownTool(string opener) => opener != CallBegin;

    internal override bool IsBare(char character, bool hasContent) => character is '{' or '[';

    internal override IReadOnlyList<string> Triggers { get; } = [CallBegin];

    internal override Expression Write(CallGrammar grammar, string trigger) => Expression.Sequence(
        grammar.Space, new JsonCallForm().Write(grammar), grammar.Space, grammar.Mark(CallEnd));

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        foreach (Step step in JsonCalls.Read(reader, givesIds: false))
        {
            yield return step;
        }

        string closer = opener == FenceBegin ? FenceEnd : CallEnd;
        foreach (Step step in opener == CallBegin ? reader.Accept("}").Concat(reader.Accept(closer)) : reader.Accept(closer))
        {
            yield return step;
        }
    }
}
