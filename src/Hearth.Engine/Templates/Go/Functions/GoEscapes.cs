using System.Globalization;
using System.Text;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go.Functions;

/// <summary><c>html</c>, <c>js</c> and <c>urlquery</c>. What is escaped keeps its origin.</summary>
internal static class GoEscapes
{
    public static StringValue Html(Budget budget, StringValue value) => Escape(budget, value, rune => rune.Value switch
    {
        '\0' => "\uFFFD",
        '"' => "&#34;",
        '\'' => "&#39;",
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        _ => rune.ToString(),
    });

    public static StringValue JavaScript(Budget budget, StringValue value) => Escape(budget, value, rune => rune.Value switch
    {
        '\\' => @"\\",
        '\'' => @"\'",
        '"' => "\\\"",
        '<' or '>' or '&' or '=' => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
        _ when rune.Value < ' ' || (rune.Value > '~' && !CharacterClass.IsPrintable(rune)) =>
            string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
        _ => rune.ToString(),
    });

    public static StringValue Url(Budget budget, StringValue value) => Escape(budget, value, rune =>
        rune.Value == ' ' ? "+"
        : rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '-' or '_' or '.' or '~') ? rune.ToString()
        : string.Concat(Encoding.UTF8.GetBytes(rune.ToString()).Select(octet => $"%{octet:X2}")));

    private static StringValue Escape(Budget budget, StringValue value, Func<Rune, string> escape)
    {
        var output = new TextBuilder(budget);
        int start = 0;
        foreach (TrustRun run in value.Runs ?? [new TrustRun(value.Text.Length, value.IsTrusted)])
        {
            var escaped = new StringBuilder();
            foreach (Rune rune in value.Text.AsSpan(start, run.End - start).EnumerateRunes())
            {
                budget.Charge();
                escaped.Append(escape(rune));
            }

            output.Append(escaped.ToString(), run.IsTrusted);
            start = run.End;
        }

        return output.ToValue();
    }
}
