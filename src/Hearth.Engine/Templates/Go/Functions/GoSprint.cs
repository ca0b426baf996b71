using Hearth.Engine.Templates.Go.Values;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go.Functions;

/// <summary>Go's <c>Sprint</c> and <c>Sprintln</c>.</summary>
internal static class GoSprint
{
    /// <summary>The values, with a space between two that are not texts.</summary>
    public static StringValue Join(Budget budget, GoValue[] values)
    {
        var output = new TextBuilder(budget);
        for (int i = 0; i < values.Length; i++)
        {
            if (i > 0 && values[i] is not GoString && values[i - 1] is not GoString)
            {
                output.Append(" ", isTrusted: true);
            }

            output.Append(GoPrinter.Print(budget, values[i]));
        }

        return output.ToValue();
    }

    /// <summary>As <see cref="Join"/>, with nothing written as an action writes it.</summary>
    public static StringValue JoinPrintable(Budget budget, GoValue[] values) =>
        Join(budget, [.. values.Select(value => value is GoNil ? GoString.FromTemplate("<no value>") : value)]);

    /// <summary>The values with spaces between, and a line feed.</summary>
    public static StringValue JoinLine(Budget budget, GoValue[] values)
    {
        var output = new TextBuilder(budget);
        for (int i = 0; i < values.Length; i++)
        {
            output.Append(i > 0 ? " " : string.Empty, isTrusted: true).Append(GoPrinter.Print(budget, values[i]));
        }

        return output.Append("\n", isTrusted: true).ToValue();
    }
}
