using Hearth.Engine.Scheduling;

namespace Hearth.Engine.Output.Replies;

/// <summary>Text, with marks around reasoning and calls: what all but a few models write.</summary>
/// <param name="name">The format's name.</param>
/// <param name="tools">How calls are written; null for a model without.</param>
/// <param name="reasoning">The marks around reasoning; null for a model without.</param>
/// <param name="wrappers">Marks around the answer, which mean nothing.</param>
internal sealed class MarkedFormat(string name, ToolSyntax? tools, Reasoning? reasoning, params string[] wrappers) : ReplyFormat(name)
{
    public override bool HasReasoning => reasoning is not null;

    internal Reasoning? Reasoning => reasoning;

    internal ToolSyntax? Tools => tools;

    internal IReadOnlyList<string> Wrappers => wrappers;

    public override IReadOnlyList<string> MarksFor(ReplyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> marks = [.. wrappers];
        if (reasoning is not null)
        {
            marks.AddRange(reasoning.Marks);
        }

        if (tools is not null && options.Tools.Count > 0)
        {
            marks.AddRange(tools.Openers);
            marks.AddRange(tools.Marks);
        }

        return marks;
    }

    public override ConstraintPreamble? PreambleFor(ReplyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return reasoning is null || reasoning.IsClosedAtEndOf(options.PromptEnd) ? null
            : new ConstraintPreamble(reasoning.IsOpenAtEndOf(options.PromptEnd) ? null : reasoning.Open, reasoning.Close);
    }

    internal override string? ReasoningEnd(ReplyOptions options, bool again) => reasoning?.Close;

    internal override IEnumerable<Step> Read(ReplyReader reader) => new MarkedReply(this, reader).Read();
}
