using System.Text;
using Hearth.Engine.Templates;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Templates;

/// <summary>Changed Jinja templates: each is rendered or refused, within its budgets.</summary>
public sealed class JinjaFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private protected override FuzzTarget Target { get; } = new("jinja", bytes => $"{Math.Min(3, Jinja.Render(Encoding.UTF8.GetString(bytes), Context, Options).Length)}")
    {
        Seeds =
        [
            .. StatementTests.Statements.Select(row => row.Data.Item1).Concat(TextTests.Expressions.Select(row => Expression(row.Data.Item1))).Concat(SequenceTests.Expressions.Select(row => Expression(row.Data.Item1)))
                .Concat(OperatorTests.Expressions.Select(row => Expression(row.Data.Item1))).Concat(FormattingTests.Expressions.Select(row => Expression(row.Data.Item1))).Append(BuiltInTemplates.ChatMl).Select(Encoding.UTF8.GetBytes),
        ],
        Words =
        [
            "{{ ", " }}", "{% ", " %}", "{%- ", " -%}", "{#", "#}", "{% endfor %}", "{% endif %}", "{% else %}", "{% for i in range(1000) %}", "{% for x in l recursive %}", "{{ loop(l) }}", "{% macro m(a, b=a) %}", "{% endmacro %}", "{{ m() }}",
            "{% set x = ", "{% set _ = l.append(l) %}", "{% set ns = namespace(a=1) %}", "{% raw %}", "{% endraw %}", "{% filter upper %}", "{% call m() %}", "{% generation %}", "|map('string')", "|join(',')", "|sort", "|tojson(indent=4)", "|list",
            "|unique", "|groupby('a')", "|batch(3)", "|replace('a', 'aaaaaaaaaa')", "|format(1)", "|indent(1000)", "|wordwrap(1)", "|center(99999)", "|selectattr('a')", "|dictsort", "|xmlattr", "|int(0, 36)", "|float", "|round(400)", "|random",
            ".split('a')", ".format(l)", ".strip()", ".zfill(9999)", ".join(l)", ".items()", ".update(d)", ".append(l)", "%", "**", "//", "~", " in ", " is ", " if ", " else ", " not ", " and ", "l", "d", "s", "n", "big", "users", "nested", "fl", "loop", "range",
            "dict", "joiner", "cycler", "strftime_now('%Y%j%U')", "raise_exception(s)", "self", "caller()", "10**400", "0x", "1e400", "'%999999d' % n", "'{:>99999}'.format(s)", "'{0.a[b]!r:{1}}'.format(d, n)",
        ],
        IsRefusal = FuzzTarget.Refusals(typeof(TemplateException)),
        Rounds = 500,
        MaxLength = 64 * 1024,
        AllocationBase = 512L * 1024 * 1024,
    };

    // Smaller budgets than those of requests, so that a template that goes on for as long as it may does not take all of the time.
    private static TemplateRenderOptions Options { get; } = Jinja.Options with { MaxSteps = 200_000, MaxLength = 1024 * 1024 };

    private static string Context => Jinja.ContextJson;

    private static string Expression(string text) => text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal) ? text : $"{{{{ {text} }}}}";
}
