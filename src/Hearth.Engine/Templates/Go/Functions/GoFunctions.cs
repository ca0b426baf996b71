using System.Collections.Frozen;
using System.Globalization;
using Hearth.Engine.Templates.Go.Runtime;
using Hearth.Engine.Templates.Go.Values;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go.Functions;

/// <summary>The functions of Go's text/template, and those that Ollama adds.</summary>
internal static class GoFunctions
{
    private const int Any = int.MaxValue;

    private static readonly FrozenDictionary<string, Function> s_functions = new Dictionary<string, Function>
    {
        ["call"] = new(1, Any, (_, arguments) => throw NoFunction(arguments[0])),
        ["currentDate"] = new(0, Any, (state, arguments) => Date(state, arguments, days: 0)),
        ["eq"] = new(1, Any, (_, arguments) => GoBool.Of(GoComparison.EqualsAny(arguments))),
        ["ge"] = new(2, 2, (_, arguments) => GoBool.Of(!GoComparison.IsLess(arguments[0], arguments[1]))),
        ["gt"] = new(2, 2, (_, arguments) => GoBool.Of(!GoComparison.IsLessOrEqual(arguments[0], arguments[1]))),
        ["html"] = new(0, Any, (state, arguments) => Escape(state, arguments, GoEscapes.Html)),
        ["index"] = new(1, Any, Index),
        ["js"] = new(0, Any, (state, arguments) => Escape(state, arguments, GoEscapes.JavaScript)),
        ["json"] = new(1, 1, (state, arguments) => new GoString(GoJson.Write(state.Budget, arguments[0]))),
        ["le"] = new(2, 2, (_, arguments) => GoBool.Of(GoComparison.IsLessOrEqual(arguments[0], arguments[1]))),
        ["len"] = new(1, 1, (state, arguments) => new GoInt(Length(state.Budget, arguments[0]))),
        ["lt"] = new(2, 2, (_, arguments) => GoBool.Of(GoComparison.IsLess(arguments[0], arguments[1]))),
        ["ne"] = new(2, 2, (_, arguments) => GoBool.Of(!GoComparison.AreEqual(arguments[0], arguments[1]))),
        ["not"] = new(1, 1, (_, arguments) => GoBool.Of(!arguments[0].IsTrue)),
        ["print"] = new(0, Any, (state, arguments) => new GoString(GoSprint.Join(state.Budget, arguments))),
        ["printf"] = new(1, Any, Format),
        ["println"] = new(0, Any, (state, arguments) => new GoString(GoSprint.JoinLine(state.Budget, arguments))),
        ["slice"] = new(1, Any, Slice),
        ["toTypeScriptType"] = new(1, 1, (state, arguments) => OllamaTools.ToTypeScriptType(state.Budget, arguments[0])),
        ["urlquery"] = new(0, Any, (state, arguments) => Escape(state, arguments, GoEscapes.Url)),
        ["yesterdayDate"] = new(0, Any, (state, arguments) => Date(state, arguments, days: -1)),
    }.ToFrozenDictionary();

    public static bool Exists(string name) => name is "and" or "or" || s_functions.ContainsKey(name);

    public static GoValue Call(GoState state, string name, GoValue[] arguments)
    {
        state.Budget.Charge(1 + arguments.Length);
        Function function = s_functions[name];
        if (arguments.Length < function.Least || arguments.Length > function.Most)
        {
            string least = function.Most == Any ? $"at least {function.Least}" : $"{function.Least}";
            throw TemplateException.Type($"wrong number of args for {name}: want {least} got {arguments.Length}");
        }

        try
        {
            return function.Run(state, arguments);
        }
        catch (TemplateException exception) when (exception.Kind is TemplateErrorKind.Type or TemplateErrorKind.Value)
        {
            throw new TemplateException(exception.Kind, $"error calling {name}: {exception.Detail}", line: null, exception);
        }
    }

    private static GoString Escape(GoState state, GoValue[] arguments, Func<Budget, StringValue, StringValue> escape) =>
        new(escape(state.Budget, GoSprint.JoinPrintable(state.Budget, arguments)));

    private static TemplateException NoFunction(GoValue value) =>
        TemplateException.Type(value is GoNil ? "call of nil" : $"non-function of type {value.TypeName}");

    // As in Ollama, a format may be given and is not used.
    private static GoString Date(GoState state, GoValue[] arguments, int days) =>
        arguments.FirstOrDefault(argument => argument is not GoString) is { } other
            ? throw TemplateException.Type($"wrong type for value; expected string; got {other.TypeName}")
            : GoString.FromTemplate(state.Now.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    private static GoString Format(GoState state, GoValue[] arguments) => arguments[0] is GoString format
        ? new GoString(new GoPrintf(state.Budget, format.Value, arguments[1..]).Run())
        : throw TemplateException.Type($"wrong type for value; expected string; got {arguments[0].TypeName}");

    private static int Length(Budget budget, GoValue value) => value switch
    {
        GoString text => GoBytes.Length(budget, text.Value),
        GoList list => list.Items.Count,
        GoMap map => map.Entries.Count,
        GoNil => throw TemplateException.Type("len of nil pointer"),
        _ => throw TemplateException.Type($"len of type {value.TypeName}"),
    };

    private static GoValue Index(GoState state, GoValue[] arguments)
    {
        GoValue item = arguments[0] is GoNil ? throw TemplateException.Type("index of untyped nil") : arguments[0];
        foreach (GoValue index in arguments.AsSpan(1))
        {
            item = item switch
            {
                GoString text => new GoInt(GoBytes.At(text.Value, Position(index, GoBytes.Length(state.Budget, text.Value) - 1))),
                GoList list => list.Items[Position(index, list.Items.Count - 1)],
                GoMap map => index is GoString key
                    ? map.Entries.TryGetValue(key.Text, out GoValue? value) ? value : GoNil.Interface
                    : throw TemplateException.Type($"value has type {index.TypeName}; should be string"),
                GoNil => throw TemplateException.Type("index of nil pointer"),
                _ => throw TemplateException.Type($"can't index item of type {item.TypeName}"),
            };
        }

        return item;
    }

    private static GoValue Slice(GoState state, GoValue[] arguments)
    {
        const int MaxIndexes = 3;
        GoValue item = arguments[0];
        ReadOnlySpan<GoValue> indexes = arguments.AsSpan(1);
        if (indexes.Length > MaxIndexes)
        {
            throw TemplateException.Type($"too many slice indexes: {indexes.Length}");
        }

        if (item is not (GoString or GoList))
        {
            throw TemplateException.Type(item is GoNil ? "slice of untyped nil" : $"can't slice item of type {item.TypeName}");
        }

        if (item is GoString && indexes.Length == MaxIndexes)
        {
            throw TemplateException.Type("cannot 3-index slice a string");
        }

        int length = Length(state.Budget, item);
        int start = indexes.Length > 0 ? Position(indexes[0], length) : 0;
        int end = indexes.Length > 1 ? Position(indexes[1], length) : length;
        int capacity = indexes.Length > 2 ? Position(indexes[2], length) : length;
        if (start > end || end > capacity)
        {
            throw TemplateException.Value($"invalid slice index: {(start > end ? start : end)} > {(start > end ? end : capacity)}");
        }

        return item is GoString text ? new GoString(GoBytes.Slice(text.Value, start, end)) : ((GoList)item).Slice(start, end);
    }

    private static int Position(GoValue index, int last) => index is not GoInt integer
        ? throw TemplateException.Type($"cannot index slice/array with {(index is GoNil ? "nil" : $"type {index.TypeName}")}")
        : integer.Number >= 0 && integer.Number <= last ? (int)integer.Number
        : throw TemplateException.Value($"index out of range: {integer.Number}");

    private sealed record Function(int Least, int Most, Func<GoState, GoValue[], GoValue> Run);
}
