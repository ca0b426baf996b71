using Hearth.Engine.Grammar;
using Hearth.Engine.Output.Replies;

namespace Hearth.Server.Chat;

/// <summary>The constraints that were used last, by what they were made from: clients send the same schema again and again.</summary>
internal sealed class ConstraintCache
{
    private const int MaxConstraints = 32;
    private readonly Lock _lock = new();
    private readonly LinkedList<(object Key, GenerationConstraint? Constraint)> _recent = [];

    /// <summary>The server's.</summary>
    public static ConstraintCache Shared { get; } = new();

    /// <summary>Values that satisfy a JSON Schema.</summary>
    /// <inheritdoc cref="GenerationConstraint.FromJsonSchema" path="/exception"/>
    public GenerationConstraint JsonSchema(string schema) => Get($"schema {schema}", () => GenerationConstraint.FromJsonSchema(schema))!;

    /// <summary>Texts that follow a grammar.</summary>
    /// <inheritdoc cref="GenerationConstraint.FromGbnf" path="/exception"/>
    public GenerationConstraint Gbnf(string grammar) => Get($"grammar {grammar}", () => GenerationConstraint.FromGbnf(grammar))!;

    /// <summary>A constraint that begins where a trigger is written, and takes control tokens for text.</summary>
    /// <param name="constraint">The constraint.</param>
    /// <param name="triggers">The triggers; none for one that begins at once.</param>
    /// <param name="texts">The texts of the control tokens.</param>
    /// <inheritdoc cref="GenerationConstraint.After" path="/exception"/>
    public GenerationConstraint Lazy(GenerationConstraint constraint, IReadOnlyList<ConstraintTrigger> triggers, IReadOnlyList<string> texts) =>
        triggers.Count == 0 && texts.Count == 0 ? constraint : Get(new LazyKey(constraint, string.Join('\n', triggers), string.Join('\n', texts)), () =>
        {
            GenerationConstraint lazy = triggers.Count == 0 ? constraint : constraint.After(triggers);
            return texts.Count == 0 ? lazy : lazy.WithTextTokens(texts);
        })!;

    /// <summary>Any JSON object.</summary>
    public GenerationConstraint JsonObject() => Get("object", GenerationConstraint.FromJsonObject)!;

    /// <summary>Replies whose calls are valid; null where nothing was promised and the tools are too much for a grammar.</summary>
    /// <param name="format">The model's format, with the vocabulary that it was found for.</param>
    /// <param name="options">How the reply is to be read.</param>
    /// <param name="rules">What it must be.</param>
    /// <param name="kindOf">What a mark is in the vocabulary.</param>
    /// <inheritdoc cref="ReplyFormat.ConstraintFor" path="/exception"/>
    public GenerationConstraint? Calls(ReplyFormat format, ReplyOptions options, CallRules rules, Func<string, MarkKind> kindOf)
    {
        string[] tools = [.. options.Tools.Select(tool => $"{tool.Name} {tool.IsStrict} {tool.Parameters?.ToJsonString()}")];
        CallKey key = new(format, rules, options.SeparateReasoning, options.PromptEnd, string.Join('\n', tools));
        return Get(key, () =>
        {
            try
            {
                return format.ConstraintFor(options, rules, kindOf);
            }
            catch (GrammarException) when (!rules.MustCall && rules.Text is null && !options.Tools.Any(tool => tool.IsStrict))
            {
                return null;
            }
        });
    }

    private GenerationConstraint? Get(object key, Func<GenerationConstraint?> create)
    {
        lock (_lock)
        {
            for (LinkedListNode<(object Key, GenerationConstraint? Constraint)>? node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Key.Equals(key))
                {
                    _recent.Remove(node);
                    _recent.AddFirst(node);
                    return node.Value.Constraint;
                }
            }
        }

        // Made outside the lock: a large schema holds nobody up.
        GenerationConstraint? constraint = create();
        lock (_lock)
        {
            _recent.AddFirst((key, constraint));
            if (_recent.Count > MaxConstraints)
            {
                _recent.RemoveLast();
            }
        }

        return constraint;
    }

    private sealed record LazyKey(GenerationConstraint Constraint, string Triggers, string Texts);

    private sealed record CallKey(ReplyFormat Format, CallRules Rules, bool SeparateReasoning, string PromptEnd, string Tools);
}
