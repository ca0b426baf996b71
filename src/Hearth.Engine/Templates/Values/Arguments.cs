namespace Hearth.Engine.Templates.Values;

/// <summary>The arguments of a call.</summary>
internal sealed class Arguments(IReadOnlyList<Value> positional, IReadOnlyList<KeyValuePair<string, Value>> named)
{
    public static readonly Arguments None = new([], []);

    public IReadOnlyList<Value> Positional => positional;

    public IReadOnlyList<KeyValuePair<string, Value>> Named => named;

    /// <summary>The arguments in the order of <paramref name="parameters"/>, of which the first <paramref name="required"/> must be given;
    /// null for one that was not given.</summary>
    public Value?[] Bind(string function, int required, params ReadOnlySpan<string> parameters)
    {
        if (positional.Count > parameters.Length)
        {
            throw TemplateException.Type($"{function}() takes at most {parameters.Length} arguments ({positional.Count} given)");
        }

        var bound = new Value?[parameters.Length];
        for (int i = 0; i < positional.Count; i++)
        {
            bound[i] = positional[i];
        }

        foreach ((string name, Value value) in named)
        {
            int index = parameters.IndexOf(name);
            if (index < 0)
            {
                throw TemplateException.Type($"{function}() got an unexpected keyword argument '{name}'");
            }

            if (bound[index] is not null)
            {
                throw TemplateException.Type($"{function}() got multiple values for argument '{name}'");
            }

            bound[index] = value;
        }

        for (int i = 0; i < required; i++)
        {
            if (bound[i] is null)
            {
                throw TemplateException.Type($"{function}() missing required argument '{parameters[i]}'");
            }
        }

        return bound;
    }

    /// <summary>Refuses all arguments.</summary>
    public void ExpectNone(string function) => Bind(function, 0);

    /// <summary>The arguments without the first positional ones.</summary>
    public Arguments Skip(int count) => new([.. positional.Skip(count)], named);
}
