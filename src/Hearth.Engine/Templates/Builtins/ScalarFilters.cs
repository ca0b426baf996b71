using System.Numerics;
using Hearth.Engine.Templates.Formatting;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>The filters of numbers and of any value.</summary>
internal static class ScalarFilters
{
    public static Dictionary<string, Func<RenderState, Value, Arguments, Value>> All { get; } = new()
    {
        ["abs"] = Absolute,
        ["attr"] = Attribute,
        ["d"] = Default,
        ["default"] = Default,
        ["filesizeformat"] = FileSize,
        ["float"] = Float,
        ["int"] = Int,
        ["round"] = Round,
        ["tojson"] = ToJson,
    };

    private static Value Absolute(RenderState state, Value value, Arguments arguments)
    {
        arguments.ExpectNone("abs");
        return value switch
        {
            FloatValue real => new FloatValue(Math.Abs(real.Number)),
            UndefinedValue undefined => throw undefined.Error(state),
            _ => Numeric.TryGetInteger(value, out BigInteger number)
                ? IntValue.Of(BigInteger.Abs(number))
                : throw TemplateException.Type($"bad operand type for abs(): '{value.TypeName}'"),
        };
    }

    private static Value Attribute(RenderState state, Value value, Arguments arguments)
    {
        Value name = arguments.Bind("attr", 1, "name")[0]!;
        return name is StringValue text && value.Attribute(state, text.Text) is { } attribute ? attribute : new UndefinedValue(value, name);
    }

    private static Value Default(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("default", 0, "default_value", "boolean");
        bool isReplaced = value is UndefinedValue || (bound[1] is { IsTrue: true } && !value.IsTrue);
        return isReplaced ? bound[0] ?? StringValue.Empty : value;
    }

    private static Value Float(RenderState state, Value value, Arguments arguments)
    {
        Value fallback = arguments.Bind("float", 0, "default")[0] ?? new FloatValue(0);
        return value switch
        {
            StringValue text => ParseFloat(state, text) is { } parsed ? new FloatValue(parsed) : fallback,
            UndefinedValue undefined => throw undefined.Error(state),
            _ => Numeric.TryGetDouble(value, out double number) ? new FloatValue(number) : fallback,
        };
    }

    private static double? ParseFloat(RenderState state, StringValue text)
    {
        state.Budget.ChargeText(text.Text.Length);
        return Numeric.ParseFloat(text.Text);
    }

    private static Value Int(RenderState state, Value value, Arguments arguments)
    {
        const int Decimal = 10;
        const int MaxRadix = 36;
        Value?[] bound = arguments.Bind("int", 0, "default", "base");
        int radix = bound[1] is { } given ? Numeric.ToIndex(given) : Decimal;
        Value fallback = bound[0] ?? IntValue.Of(0);
        switch (value)
        {
            case StringValue text:
                state.Budget.ChargeText(text.Text.Length);
                if (radix is (>= 2 and <= MaxRadix) or 0 && Numeric.ParseInteger(text.Text, radix) is { } number)
                {
                    return IntValue.Of(number);
                }

                return Numeric.ParseFloat(text.Text) is { } parsed && !double.IsNaN(parsed)
                    ? IntValue.Of(NumberConversion.Truncate(parsed))
                    : fallback;
            case FloatValue { Number: double.NaN }:
                return fallback;
            case FloatValue real:
                return IntValue.Of(NumberConversion.Truncate(real.Number));
            case UndefinedValue undefined:
                throw undefined.Error(state);
            default:
                return Numeric.TryGetInteger(value, out BigInteger integer) ? IntValue.Of(integer) : fallback;
        }
    }

    private static Value Round(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("round", 0, "precision", "method");
        int precision = bound[0] is { } given ? Numeric.ToIndex(given) : 0;
        string method = bound[1] is StringValue name ? name.Text : "common";
        if (method is not ("common" or "ceil" or "floor"))
        {
            throw TemplateException.Value("method must be common, ceil or floor");
        }

        if (!Numeric.TryGetDouble(value, out double number))
        {
            throw value is UndefinedValue undefined
                ? undefined.Error(state)
                : TemplateException.Type($"type {value.TypeName} doesn't define __round__ method");
        }

        if (method == "common")
        {
            return Numeric.TryGetInteger(value, out BigInteger integer)
                ? IntValue.Of(RoundInteger(integer, precision))
                : new FloatValue(PythonFloat.Round(number, precision));
        }

        double scale = Math.Pow(10, precision);
        double scaled = number * scale;
        return new FloatValue((method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) / scale);
    }

    private static BigInteger RoundInteger(BigInteger number, int precision)
    {
        if (precision >= 0 || -(long)precision > IntValue.MaxDigits)
        {
            return precision >= 0 ? number : BigInteger.Zero;
        }

        var unit = BigInteger.Pow(10, -precision);
        BigInteger rest = Operators.Modulo(number, unit);
        BigInteger low = number - rest;
        int order = (rest * 2).CompareTo(unit);
        return order > 0 || (order == 0 && !(low / unit).IsEven) ? low + unit : low;
    }

    private static StringValue FileSize(RenderState state, Value value, Arguments arguments)
    {
        bool isBinary = arguments.Bind("filesizeformat", 0, "binary")[0] is { IsTrue: true };
        double bytes = value is StringValue text
            ? Numeric.ParseFloat(text.Text) ?? throw TemplateException.Value("could not convert string to float")
            : Numeric.TryGetDouble(value, out double number) ? number : throw TemplateException.Type("filesizeformat needs a number");
        double unit = isBinary ? 1024 : 1000;
        if (bytes == 1)
        {
            return StringValue.FromTemplate("1 Byte");
        }

        if (bytes < unit)
        {
            return StringValue.FromTemplate($"{NumberConversion.Truncate(bytes)} Bytes");
        }

        const string Prefixes = "kMGTPEZY";
        int power = 1;
        while (power < Prefixes.Length && bytes >= Math.Pow(unit, power + 1))
        {
            power++;
        }

        double scaled = unit * bytes / Math.Pow(unit, power + 1);
        string prefix = isBinary ? char.ToUpperInvariant(Prefixes[power - 1]) + "i" : Prefixes[power - 1].ToString();
        string digits = double.IsFinite(scaled) ? PythonFloat.ToFixed(scaled, 1) : PythonFloat.Repr(scaled);
        return StringValue.FromTemplate($"{digits} {prefix}B");
    }

    private static StringValue ToJson(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        string? indent = bound[1] switch
        {
            null or NoneValue => null,
            StringValue text => text.Text,
            { } count => new string(' ', Math.Clamp(Numeric.ToIndex(count), 0, state.Budget.MaxLength)),
        };
        (string item, string key) = (indent is null ? ", " : ",", ": ");
        if (bound[2] is not (null or NoneValue))
        {
            List<Value> separators = Access.Unpack(state, bound[2]!, 2);
            (item, key) = (Representation.Str(state, separators[0]).Text, Representation.Str(state, separators[1]).Text);
        }

        return new JsonWriter(state, bound[0] is { IsTrue: true }, indent, item, key, bound[3] is { IsTrue: true }).Write(value);
    }
}
