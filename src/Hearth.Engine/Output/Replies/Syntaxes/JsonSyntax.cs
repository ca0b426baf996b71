using Hearth.Engine.Grammar.Automata;

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

    /// <summary>What certainly begins a call; the opening marks unless said otherwise. One that ends with a bracket has an array's.</summary>
    internal override IReadOnlyList<string> Triggers => Begins ?? openers;

    /// <summary>See <see cref="Triggers"/>.</summary>
    internal string[]? Begins { get; init; }

    /// <summary>How a call is written.</summary>
    internal JsonCallForm Form { get; init; } = new();

    /// <summary>Whether calls are written as an array.</summary>
    internal bool IsList { get; init; } = true;

    /// <summary>A call that is none: what the model writes to say that it answers itself; null for none.</summary>
    internal string? NoCall { get; init; }

    internal override bool RequiresKnownTool(string opener) => IsAmbiguous;

    internal override Expression Write(CallGrammar grammar, string trigger)
    {
        Expression list = Form.WriteList(grammar);
        Expression calls = !IsList ? grammar.Several(Form.Write(grammar), grammar.Space)
            : trigger.EndsWith('[') ? list
            : Expression.Sequence(Expression.Literal("["), list);
        return Expression.Sequence(grammar.Space, calls, closer is null ? Expression.Empty : Expression.Sequence(grammar.Space, grammar.Mark(closer)));
    }

    internal override Expression WriteFree(CallGrammar grammar, string trigger) => NoCall is null ? Write(grammar, trigger) : Expression.Choice(
        Write(grammar, trigger),
        Expression.Sequence(grammar.Gap, Form.WriteNone(grammar, NoCall), closer is null ? Expression.Empty : grammar.Mark(closer)));

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        if (!Triggers.Contains(opener))
        {
            foreach (Step step in reader.ExpectAtOnce('['))
            {
                yield return step;
            }
        }

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
