using Hearth.Engine.Templates.Go.Values;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go.Functions;

/// <summary><c>eq</c>, <c>lt</c> and what is made of them: values of one type only, except that nothing equals no value.</summary>
internal static class GoComparison
{
    /// <summary>Whether the first value equals one of the others.</summary>
    public static bool EqualsAny(GoValue[] values)
    {
        if (values.Length == 1)
        {
            throw TemplateException.Type("missing argument for comparison");
        }

        foreach (GoValue value in values.AsSpan(1))
        {
            if (AreEqual(values[0], value))
            {
                return true;
            }
        }

        return false;
    }

    public static bool AreEqual(GoValue left, GoValue right) => (left, right) switch
    {
        (GoBool a, GoBool b) => a == b,
        (GoInt a, GoInt b) => a.Number == b.Number,
        (GoFloat a, GoFloat b) => a.Number == b.Number,
        (GoString a, GoString b) => a.Text == b.Text,
        (GoNil, GoNil) => true,
        (GoNil, GoContainer { IsNil: true }) or (GoContainer { IsNil: true }, GoNil) => true,
        (GoNil, _) or (_, GoNil) => false,
        (GoContainer, GoContainer) => throw TemplateException.Type($"non-comparable types {left.TypeName} and {right.TypeName}"),
        _ => throw Incompatible(),
    };

    public static bool IsLessOrEqual(GoValue left, GoValue right) => IsLess(left, right) || AreEqual(left, right);

    public static bool IsLess(GoValue left, GoValue right) => (left, right) switch
    {
        (GoInt a, GoInt b) => a.Number < b.Number,
        (GoFloat a, GoFloat b) => a.Number < b.Number,
        (GoString a, GoString b) => CodePoints.Compare(a.Text, b.Text) < 0,
        (GoContainer or GoNil or GoBool, _) or (_, GoContainer or GoNil or GoBool) =>
            throw TemplateException.Type("invalid type for comparison"),
        _ => throw Incompatible(),
    };

    private static TemplateException Incompatible() => TemplateException.Type("incompatible types for comparison");
}
