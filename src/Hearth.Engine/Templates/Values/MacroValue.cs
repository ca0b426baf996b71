using Hearth.Engine.Templates.Ast;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>A macro, or the body of a <c>call</c> block, with the scope where it was defined.</summary>
internal sealed class MacroValue(MacroDefinition definition, Scope scope) : CallableValue
{
    private const string Caller = "caller";

    public string? Name => definition.Name;

    public override string TypeName => "Macro";

    public override string Description => "jinja2.runtime.Macro object";

    public override Value? Attribute(RenderState state, string name) => name switch
    {
        "name" => definition.Name is { } given ? StringValue.FromTemplate(given) : NoneValue.Instance,
        "arguments" => new TupleValue([.. definition.Parameters.Select(p => StringValue.FromTemplate(p.Name))]),
        "catch_kwargs" => BoolValue.Of(definition.UsesKwargs),
        "catch_varargs" => BoolValue.Of(definition.UsesVarargs),
        Caller => BoolValue.Of(definition.UsesCaller),
        _ => null,
    };

    public override Value Call(RenderState state, Arguments arguments)
    {
        var inner = new Scope(scope);
        var named = new OrderedDictionary<string, Value>();
        foreach ((string name, Value value) in arguments.Named)
        {
            named[name] = value;
        }

        Bind(state, inner, arguments, named);
        if (definition.UsesCaller && definition.Parameters.All(p => p.Name != Caller))
        {
            inner.Set(Caller, named.Remove(Caller, out Value? caller) ? caller : new UndefinedValue("No caller defined"));
        }

        if (definition.UsesKwargs)
        {
            var rest = new DictValue(state);
            foreach ((string name, Value value) in named)
            {
                rest.Set(state, StringValue.FromTemplate(name), value);
            }

            inner.Set("kwargs", rest);
        }
        else if (named.Count > 0)
        {
            throw TemplateException.Type($"macro '{Name}' takes no keyword argument '{named.GetAt(0).Key}'");
        }

        if (definition.UsesVarargs)
        {
            inner.Set("varargs", new TupleValue([.. arguments.Positional.Skip(definition.Parameters.Length)]));
        }
        else if (arguments.Positional.Count > definition.Parameters.Length)
        {
            throw TemplateException.Type($"macro '{Name}' takes not more than {definition.Parameters.Length} argument(s)");
        }

        return definition.Body.Render(state, inner);
    }

    private void Bind(RenderState state, Scope inner, Arguments arguments, OrderedDictionary<string, Value> named)
    {
        var given = new Value?[definition.Parameters.Length];
        for (int i = 0; i < given.Length; i++)
        {
            given[i] = i < arguments.Positional.Count ? arguments.Positional[i]
                : named.Remove(definition.Parameters[i].Name, out Value? value) ? value : null;
        }

        for (int i = 0; i < given.Length; i++)
        {
            (string name, Expression? fallback) = definition.Parameters[i];
            inner.Set(name, given[i] ?? fallback?.Evaluate(state, inner) ?? new UndefinedValue($"parameter '{name}' was not provided"));
        }
    }
}
