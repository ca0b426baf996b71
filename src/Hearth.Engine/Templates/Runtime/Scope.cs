using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Runtime;

/// <summary>The variables of a block; a name is looked up outwards.</summary>
internal sealed class Scope
{
    private readonly Scope? _parent;
    private Dictionary<string, Value>? _variables;

    public Scope(Scope parent)
    {
        _parent = parent;
        Root = parent.Root;
    }

    public Scope(Dictionary<string, Value> variables, Scope? parent)
    {
        _variables = variables;
        _parent = parent;
        Root = parent?.Root ?? this;
    }

    /// <summary>The template's own scope.</summary>
    public Scope Root { get; }

    public Value? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope._parent)
        {
            if (scope._variables is { } variables && variables.TryGetValue(name, out Value? value))
            {
                return value;
            }
        }

        return null;
    }

    public void Set(string name, Value value) => (_variables ??= [])[name] = value;
}
