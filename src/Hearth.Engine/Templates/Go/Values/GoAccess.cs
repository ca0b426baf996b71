using Hearth.Engine.Templates.Go.Runtime;

namespace Hearth.Engine.Templates.Go.Values;

/// <summary>The fields and methods of values.</summary>
internal static class GoAccess
{
    public static GoValue Fields(GoState state, GoValue receiver, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            state.Budget.Charge();
            receiver = Field(state, receiver, name);
        }

        return receiver;
    }

    private static GoValue Field(GoState state, GoValue receiver, string name) => (receiver, name) switch
    {
        (GoNil, _) => receiver == GoNil.Nothing ? receiver : throw GoState.Undefined($"nil pointer evaluating interface {{}}.{name}"),
        (GoContainer { Style: not GoStyle.Plain }, "String") => new GoString(GoPrinter.Print(state.Budget, receiver)),
        (GoStruct { TypeName: OllamaTools.PropertyType } property, "ToTypeScriptType") => OllamaTools.ToTypeScriptType(state.Budget, property),
        (GoMap map, _) => map.Entries.TryGetValue(name, out GoValue? value) ? value : state.Missing,
        _ => (receiver as GoStruct)?.Find(name) ?? throw GoState.Undefined($"can't evaluate field {name} in type {receiver.TypeName}"),
    };
}
