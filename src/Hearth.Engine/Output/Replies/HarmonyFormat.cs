using Hearth.Engine.Scheduling;

namespace Hearth.Engine.Output.Replies;

/// <summary>
/// gpt-oss: messages of their own for reasoning (channel <c>analysis</c>), what is said before a call (<c>commentary</c>), the answer
/// (<c>final</c>) and each call (a recipient <c>functions.name</c>).
/// </summary>
internal sealed class HarmonyFormat() : ReplyFormat("harmony")
{
    internal const string Start = "<|start|>";
    internal const string Channel = "<|channel|>";
    internal const string Message = "<|message|>";
    internal const string End = "<|end|>";
    internal const string Call = "<|call|>";
    internal const string Return = "<|return|>";

    private static readonly string[] s_marks = [Start, Channel, Message, "<|constrain|>", End, Call, Return];

    public override bool HasReasoning => true;

    public override IReadOnlyList<string> MarksFor(ReplyOptions options) => s_marks;

    public override ConstraintPreamble? PreambleFor(ReplyOptions options) => new(null, $"{Channel}final{Message}");

    // Where tools may be called, the model chooses what comes next, as long as that is not more reasoning.
    internal override string? ReasoningEnd(ReplyOptions options, bool again) =>
        options.Tools.Count > 0 && !again ? End : $"{End}{Start}assistant{Channel}final{Message}";

    internal override IEnumerable<Step> Read(ReplyReader reader) => new HarmonyReply(reader).Read();
}
