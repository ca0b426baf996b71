using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Ast;

/// <summary>The parameters and body of a macro or a <c>call</c> block.</summary>
/// <param name="Name">The macro's name; null for a <c>call</c> block.</param>
/// <param name="Parameters">The parameters; a default is evaluated at each call, where the earlier ones are known.</param>
/// <param name="Body">What is rendered.</param>
/// <param name="UsesVarargs">Whether the body reads <c>varargs</c>, and so takes more positional arguments.</param>
/// <param name="UsesKwargs">Whether the body reads <c>kwargs</c>, and so takes any keyword argument.</param>
/// <param name="UsesCaller">Whether the body reads <c>caller</c>.</param>
internal sealed record MacroDefinition(
    string? Name, (string Name, Expression? Default)[] Parameters, Block Body, bool UsesVarargs, bool UsesKwargs, bool UsesCaller);

/// <summary><c>{% macro name(parameters) %}</c>.</summary>
internal sealed class MacroStatement(MacroDefinition definition, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        scope.Set(definition.Name!, new MacroValue(definition, scope));
        return Completion.Normal;
    }
}

/// <summary><c>{% call(parameters) macro(arguments) %}</c>.</summary>
internal sealed class CallStatement(MacroDefinition caller, CallExpression call, int line) : Statement(line)
{
    public override Completion Execute(RenderState state, Scope scope, TextBuilder output)
    {
        Value result = call.Call(state, scope, new MacroValue(caller, scope));
        output.Append(RequireText(result));
        return Completion.Normal;
    }
}
