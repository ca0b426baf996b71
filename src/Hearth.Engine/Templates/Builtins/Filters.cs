using System.Collections.Frozen;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>What may stand after <c>|</c>.</summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Func<RenderState, Value, Arguments, Value>> s_filters =
        TextFilters.All.Concat(SequenceFilters.All).Concat(SelectionFilters.All).Concat(ScalarFilters.All).ToFrozenDictionary();

    public static bool Exists(string name) => s_filters.ContainsKey(name);

    public static Value Apply(RenderState state, string name, Value value, Arguments arguments) =>
        s_filters.TryGetValue(name, out Func<RenderState, Value, Arguments, Value>? filter)
            ? filter(state, value, arguments)
            : throw new TemplateException(TemplateErrorKind.Syntax, $"No filter named '{name}'.");
}
