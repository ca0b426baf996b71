using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>
/// Mistral: <c>[TOOL_CALLS][{"name", "arguments", "id"}]</c>, later <c>[TOOL_CALLS]name[CALL_ID]id[ARGS]{}</c>, with or without the id
/// and the marks in between, one mark for each call.
/// </summary>
/// <param name="isArray">Whether the model writes the array.</param>
internal sealed class MistralSyntax(bool isArray) : ToolSyntax
{
    private static readonly JsonCallForm s_form = new() { IdKey = "id" };

    internal override IReadOnlyList<string> Openers { get; } = ["[TOOL_CALLS]"];

    internal override IReadOnlyList<string> Marks { get; } = ["[ARGS]", "[CALL_ID]"];

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        foreach (Step step in reader.Peek())
        {
            yield return step;
        }

        if (reader.Next is '[' or '{')
        {
            foreach (Step step in JsonCalls.Read(reader, givesIds: true))
            {
                yield return step;
            }

            yield break;
        }

        foreach (Step step in reader.NameBefore("[{"))
        {
            yield return step;
        }

        string name = reader.Text;
        string? id = null;
        foreach (Step step in reader.Accept("[CALL_ID]"))
        {
            yield return step;
        }

        if (reader.Accepted)
        {
            foreach (Step step in reader.NameBefore("["))
            {
                yield return step;
            }

            id = reader.Text;
        }

        foreach (Step step in reader.Accept("[ARGS]").Concat(reader.Arguments(name, id)))
        {
            yield return step;
        }
    }

    internal override Expression Write(CallGrammar grammar, string trigger) => isArray
        ? Expression.Sequence(grammar.OneSpace, Expression.Literal("["), s_form.WriteList(grammar))
        : grammar.Each(tool => Expression.Sequence(
            Expression.Literal(tool.Name),
            Expression.Optional(Expression.Sequence(grammar.Mark("[CALL_ID]"), RegexCompiler.Match("[A-Za-z0-9]{9}", CharacterForm.Plain))),
            grammar.Mark("[ARGS]"),
            tool.Json()));
}
