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
        ["boolean"] = Plain((_, v) => v is BoolValue),
        ["callable"] = Plain((_, v) => v is CallableValue or UndefinedValue),
        ["defined"] = Plain((_, v) => v is not UndefinedValue),
        ["divisibleby"] = (s, v, a) => IsRemainder(s, v, a.Bind("divisibleby", 1, "num")[0]!, 0),
        ["escaped"] = Plain((_, v) => v is StringValue { IsMarkup: true }),
        ["even"] = Plain((s, v) => IsRemainder(s, v, IntValue.Of(2), 0)),
        ["false"] = Plain((_, v) => v == BoolValue.False),
        ["filter"] = Plain((_, v) => v is StringValue name && Filters.Exists(name.Text)),
        ["float"] = Plain((_, v) => v is FloatValue),
        ["in"] = (s, v, a) => Comparison.Contains(s, a.Bind("in", 1, "seq")[0]!, v),
        ["integer"] = Plain((_, v) => v is IntValue),
        ["iterable"] = Plain((s, v) => v.Iterate(s) is not null),
        ["lower"] = Plain((s, v) => StringMethods.IsCase(s, Representation.Str(s, v), lower: true)),
        ["mapping"] = Plain((_, v) => v is DictValue),
        ["none"] = Plain((_, v) => v is NoneValue),
        ["number"] = Plain((_, v) => Numeric.IsNumber(v)),
        ["odd"] = Plain((s, v) => IsRemainder(s, v, IntValue.Of(2), 1)),
        ["sameas"] = (_, v, a) => IsSame(v, a.Bind("sameas", 1, "other")[0]!),
        ["sequence"] = Plain((_, v) => v is StringValue or SequenceValue or DictValue or RangeValue or UndefinedValue),
        ["string"] = Plain((_, v) => v is StringValue),
        ["test"] = Plain((_, v) => v is StringValue name && Exists(name.Text)),
        ["true"] = Plain((_, v) => v == BoolValue.True),
        ["undefined"] = Plain((_, v) => v is UndefinedValue),
        ["upper"] = Plain((s, v) => StringMethods.IsCase(s, Representation.Str(s, v), lower: false)),
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

    private static Test Plain(Func<RenderState, Value, bool> test) => (state, value, arguments) =>
    {
        arguments.ExpectNone("test");
        return test(state, value);
    };

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
