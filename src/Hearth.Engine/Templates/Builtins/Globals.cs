using System.Collections.Frozen;
using Hearth.Engine.Templates.Formatting;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>The functions that every template can call.</summary>
internal static class Globals
{
    public static FrozenDictionary<string, Value> All { get; } = new Dictionary<string, Value>
    {
        ["cycler"] = new FunctionValue("cycler", Cycler, "type"),
        ["dict"] = new FunctionValue("dict", Dict, "type"),
        ["joiner"] = new FunctionValue("joiner", Joiner, "type"),
        ["namespace"] = new FunctionValue("namespace", Namespace, "type"),
        ["raise_exception"] = new FunctionValue("raise_exception", RaiseException, "function"),
        ["range"] = new FunctionValue("range", Range, "function"),
        ["strftime_now"] = new FunctionValue("strftime_now", StrftimeNow, "function"),
    }.ToFrozenDictionary();

    private static Value RaiseException(RenderState state, Arguments arguments)
    {
        StringValue message = Representation.Str(state, arguments.Bind("raise_exception", 1, "message")[0]!);
        throw new TemplateException(TemplateErrorKind.Raised, message.Text);
    }

    private static StringValue StrftimeNow(RenderState state, Arguments arguments)
    {
        Value format = arguments.Bind("strftime_now", 1, "format")[0]!;
        const int MaxFormatLength = 1000;
        return format is StringValue { Text.Length: <= MaxFormatLength } text
            ? StringValue.From(Strftime.Format(state.Now, text.Text), text.IsTrusted)
            : throw TemplateException.Type($"strftime_now() takes a str of at most {MaxFormatLength} characters, not {format.TypeName}");
    }

    private static NamespaceValue Namespace(RenderState state, Arguments arguments)
    {
        var space = new NamespaceValue();
        foreach ((Value key, Value value) in Dict(state, arguments).Entries)
        {
            StringValue name = key as StringValue ?? throw TemplateException.Type("attribute names must be strings");
            space.Attributes[name.Text] = value;
        }

        return space;
    }

    private static DictValue Dict(RenderState state, Arguments arguments)
    {
        var dict = new DictValue(state);
        if (arguments.Positional.Count > 1)
        {
            throw TemplateException.Type($"dict expected at most 1 argument, got {arguments.Positional.Count}");
        }

        foreach (Value source in arguments.Positional)
        {
            DictMethods.Merge(state, dict, source);
        }

        foreach ((string name, Value value) in arguments.Named)
        {
            dict.Set(state, StringValue.FromTemplate(name), value);
        }

        return dict;
    }

    private static CyclerValue Cycler(RenderState state, Arguments arguments) => arguments.Positional.Count > 0
        ? new CyclerValue(arguments.Positional)
        : throw TemplateException.Value("at least one item has to be provided");

    private static JoinerValue Joiner(RenderState state, Arguments arguments) =>
        new(arguments.Bind("joiner", 0, "sep")[0] ?? StringValue.FromTemplate(", "));

    private static RangeValue Range(RenderState state, Arguments arguments)
    {
        if (arguments.Named.Count > 0 || arguments.Positional.Count is < 1 or > 3)
        {
            throw TemplateException.Type($"range expected 1 to 3 arguments, got {arguments.Positional.Count + arguments.Named.Count}");
        }

        long[] bounds = [.. arguments.Positional.Select(value => (long)Numeric.ToIndex(value))];
        long start = bounds.Length == 1 ? 0 : bounds[0];
        long stop = bounds.Length == 1 ? bounds[0] : bounds[1];
        long step = bounds.Length == 3 ? bounds[2] : 1;
        if (step == 0)
        {
            throw TemplateException.Value("range() arg 3 must not be zero");
        }

        long distance = step > 0 ? stop - start : start - stop;
        long length = distance <= 0 ? 0 : (distance + Math.Abs(step) - 1) / Math.Abs(step);
        return length <= RangeValue.MaxLength
            ? new RangeValue(start, stop, step, (int)length)
            : throw TemplateException.Budget($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({RangeValue.MaxLength}).");
    }
}
