using System.Collections.Frozen;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>What may stand after <c>is</c>.</summary>
internal static class Tests
{
    private delegate bool Test(RenderState state, Value value, Arguments arguments);

    private static readonly FrozenDictionary<string, Test> s_tests = new Dictionary<string, Test>
    {
        ["boolean"] = (_, v, _) => v is BoolValue,
        ["callable"] = (_, v, _) => v is CallableValue,
        ["defined"] = (_, v, _) => v is not UndefinedValue,
        ["divisibleby"] = (s, v, a) => IsRemainder(s, v, a.Bind("divisibleby", 1, "num")[0]!, 0),
        ["escaped"] = (_, v, _) => v is StringValue { IsMarkup: true },
        ["even"] = (s, v, _) => IsRemainder(s, v, IntValue.Of(2), 0),
        ["false"] = (_, v, _) => v == BoolValue.False,
        ["filter"] = (_, v, _) => v is StringValue name && Filters.Exists(name.Text),
        ["float"] = (_, v, _) => v is FloatValue,
        ["in"] = (s, v, a) => Comparison.Contains(s, a.Bind("in", 1, "seq")[0]!, v),
        ["integer"] = (_, v, _) => v is IntValue,
        ["iterable"] = (s, v, _) => v.Iterate(s) is not null,
        ["lower"] = (s, v, _) => StringMethods.IsCase(Representation.Str(s, v).Text, lower: true),
        ["mapping"] = (_, v, _) => v is DictValue,
        ["none"] = (_, v, _) => v is NoneValue,
        ["number"] = (_, v, _) => Numeric.IsNumber(v),
        ["odd"] = (s, v, _) => IsRemainder(s, v, IntValue.Of(2), 1),
        ["sameas"] = (_, v, a) => IsSame(v, a.Bind("sameas", 1, "other")[0]!),
        ["sequence"] = (_, v, _) => v is StringValue or SequenceValue or DictValue or RangeValue or UndefinedValue,
        ["string"] = (_, v, _) => v is StringValue,
        ["test"] = (_, v, _) => v is StringValue name && Exists(name.Text),
        ["true"] = (_, v, _) => v == BoolValue.True,
        ["undefined"] = (_, v, _) => v is UndefinedValue,
        ["upper"] = (s, v, _) => StringMethods.IsCase(Representation.Str(s, v).Text, lower: false),
        ["=="] = IsEqual,
        ["eq"] = IsEqual,
        ["equalto"] = IsEqual,
        ["!="] = (s, v, a) => !IsEqual(s, v, a),
        ["ne"] = (s, v, a) => !IsEqual(s, v, a),
        [">"] = (s, v, a) => IsOrdered(s, v, a, ">"),
        ["gt"] = (s, v, a) => IsOrdered(s, v, a, ">"),
        ["greaterthan"] = (s, v, a) => IsOrdered(s, v, a, ">"),
        [">="] = (s, v, a) => IsOrdered(s, v, a, ">="),
        ["ge"] = (s, v, a) => IsOrdered(s, v, a, ">="),
        ["<"] = (s, v, a) => IsOrdered(s, v, a, "<"),
        ["lt"] = (s, v, a) => IsOrdered(s, v, a, "<"),
        ["lessthan"] = (s, v, a) => IsOrdered(s, v, a, "<"),
        ["<="] = (s, v, a) => IsOrdered(s, v, a, "<="),
        ["le"] = (s, v, a) => IsOrdered(s, v, a, "<="),
    }.ToFrozenDictionary();

    public static bool Exists(string name) => s_tests.ContainsKey(name);

    public static bool Apply(RenderState state, string name, Value value, Arguments arguments) => s_tests.TryGetValue(name, out Test? test)
        ? test(state, value, arguments)
        : throw new TemplateException(TemplateErrorKind.Syntax, $"No test named '{name}'.");

    private static bool IsEqual(RenderState state, Value value, Arguments arguments) =>
        Comparison.AreEqual(state, value, arguments.Bind("eq", 1, "other")[0]!);

    private static bool IsOrdered(RenderState state, Value value, Arguments arguments, string operation) =>
        Comparison.IsOrdered(state, value, arguments.Bind(operation, 1, "other")[0]!, operation);

    private static bool IsRemainder(RenderState state, Value value, Value divisor, int expected) =>
        Comparison.AreEqual(state, Operators.Binary(state, "%", value, divisor), IntValue.Of(expected));

    private static bool IsSame(Value value, Value other) => ReferenceEquals(value, other)
        || (value is IntValue a && other is IntValue b && a.Number == b.Number)
        || (value is StringValue x && other is StringValue y && x.Text == y.Text);
}
