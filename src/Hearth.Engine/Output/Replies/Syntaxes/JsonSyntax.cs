namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>
/// JSON between marks: Hermes and Qwen (<c>&lt;tool_call&gt;{"name", "arguments"}&lt;/tool_call&gt;</c>), Granite, Command R7B, Phi-4-mini, Nemotron,
/// FireFunction and others, one call or an array of them.
/// </summary>
/// <param name="openers">The opening marks.</param>
/// <param name="closer">The closing mark, which may be missing; null for none.</param>
internal sealed class JsonSyntax(string[] openers, string? closer) : ToolSyntax
{
    internal override IReadOnlyList<string> Openers => openers;

    internal override IReadOnlyList<string> Marks => closer is null ? [] : [closer];

    /// <summary>Whether answers can have the opening mark, too, so that only calls of known tools are calls.</summary>
    internal bool IsAmbiguous { get; init; }

    internal override bool RequiresKnownTool(string opener) => IsAmbiguous;

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        do
        {
            foreach (Step step in JsonCalls.Read(reader, givesIds: false))
            {
                yield return step;
            }

            foreach (Step step in reader.Peek())
            {
                yield return step;
            }
        }
        while (reader.Next == '{' && closer is not null);

        // One brace too many is a common mistake.
        foreach (Step step in closer is null ? [] : reader.Accept("}").Concat(reader.Accept(closer)))
        {
            yield return step;
        }
    }
}
