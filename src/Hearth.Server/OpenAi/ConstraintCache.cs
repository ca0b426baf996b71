using Hearth.Engine.Grammar;

namespace Hearth.Server.OpenAi;

/// <summary>The constraints that were used last, by what they were made from: clients send the same schema again and again.</summary>
internal sealed class ConstraintCache
{
    private const int MaxConstraints = 32;
    private readonly Lock _lock = new();
    private readonly LinkedList<(string Key, GenerationConstraint Constraint)> _recent = [];

    /// <summary>The server's.</summary>
    public static ConstraintCache Shared { get; } = new();

    /// <summary>Values that satisfy a JSON Schema.</summary>
    /// <inheritdoc cref="GenerationConstraint.FromJsonSchema" path="/exception"/>
    public GenerationConstraint JsonSchema(string schema) => Get($"schema {schema}", () => GenerationConstraint.FromJsonSchema(schema));

    /// <summary>Texts that follow a grammar.</summary>
    /// <inheritdoc cref="GenerationConstraint.FromGbnf" path="/exception"/>
    public GenerationConstraint Gbnf(string grammar) => Get($"grammar {grammar}", () => GenerationConstraint.FromGbnf(grammar));

    /// <summary>Any JSON object.</summary>
    public GenerationConstraint JsonObject() => Get("object", GenerationConstraint.FromJsonObject);

    private GenerationConstraint Get(string key, Func<GenerationConstraint> create)
    {
        lock (_lock)
        {
            for (LinkedListNode<(string Key, GenerationConstraint Constraint)>? node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key)
                {
                    _recent.Remove(node);
                    _recent.AddFirst(node);
                    return node.Value.Constraint;
                }
            }
        }

        // Made outside the lock: a large schema holds nobody up.
        GenerationConstraint constraint = create();
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
}
