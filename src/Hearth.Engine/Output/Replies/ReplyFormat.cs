using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Scheduling;

namespace Hearth.Engine.Output.Replies;

/// <summary>How a model marks reasoning and tool calls in its replies. Immutable.</summary>
public abstract class ReplyFormat
{
    /// <summary>Characters that <see cref="ReasoningEnd"/> has at most.</summary>
    internal const int LongestReasoningEnd = 64;

    private protected ReplyFormat(string name) => Name = name;

    /// <summary>The format's name, for people.</summary>
    public string Name { get; }

    /// <summary>Finds the format of a model.</summary>
    /// <param name="template">The chat template's text.</param>
    /// <param name="hasToken">Whether the vocabulary has a token of this text.</param>
    /// <param name="callsAreTaught">
    /// Whether the template says nothing of tools, so that the prompt tells the model to write calls as Hermes does.
    /// </param>
    public static ReplyFormat Detect(string template, Func<string, bool> hasToken, bool callsAreTaught = false)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(hasToken);
        return ReplyFormats.Detect(template, hasToken, callsAreTaught);
    }

    /// <summary>The marks that are looked for, which the model must be asked to show where they are control tokens.</summary>
    public abstract IReadOnlyList<string> MarksFor(ReplyOptions options);

    /// <summary>Whether replies can have reasoning that is told apart.</summary>
    public abstract bool HasReasoning { get; }

    /// <summary>What a reply may begin with before an answer that is held to a form; null for nothing.</summary>
    public virtual ConstraintPreamble? PreambleFor(ReplyOptions options) => null;

    /// <summary>What ends the reasoning that a reply is in, so that it goes on with something else; null where there is no reasoning.</summary>
    /// <param name="options">How the reply is read.</param>
    /// <param name="again">Whether reasoning of the same reply was ended so before, and the model has begun to reason once more.</param>
    internal virtual string? ReasoningEnd(ReplyOptions options, bool again) => null;

    /// <summary>Begins to read a reply.</summary>
    public ReplyParser CreateParser(ReplyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ReplyParser(this, options);
    }

    /// <summary>What a reply must be so that every call in it is read as one, with arguments that satisfy their schema.</summary>
    /// <param name="options">How the reply is to be read.</param>
    /// <param name="rules">Whether it must be calls, and which.</param>
    /// <param name="kindOf">What a mark is in the model's vocabulary.</param>
    /// <exception cref="ToolSchemaException">The schema of a strict tool asks for what is not supported.</exception>
    /// <exception cref="GrammarException">The whole is too complex, or nothing satisfies it.</exception>
    public GenerationConstraint ConstraintFor(ReplyOptions options, CallRules rules, Func<string, MarkKind> kindOf)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(kindOf);
        ReplyTool[] tools = [.. options.Tools.Where(tool => rules.Name is null || tool.Name == rules.Name)];
        return GenerationConstraint.Create("tools", builder =>
        {
            CallGrammar grammar = new(builder, tools, rules.IsSingle, MarksFor(options), kindOf);
            return builder.AddRule("reply", Write(grammar, rules, options));
        });
    }

    /// <summary>A reply as a grammar.</summary>
    internal abstract Expression Write(CallGrammar grammar, CallRules rules, ReplyOptions options);

    /// <summary>
    /// Reads a reply to its end: a coroutine, which stops with <see cref="Step.NeedsText"/> whenever it has to know more, and is resumed
    /// when there is more text or when there will be none.
    /// </summary>
    internal abstract IEnumerable<Step> Read(ReplyReader reader);
}
