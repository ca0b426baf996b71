namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>
/// Mistral: <c>[TOOL_CALLS][{"name", "arguments", "id"}]</c>, later <c>[TOOL_CALLS]name[CALL_ID]id[ARGS]{}</c>, with or without the id
/// and the marks in between, one mark for each call.
/// </summary>
internal sealed class MistralSyntax : ToolSyntax
{
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
}
