using System.Text.Json.Nodes;
using Hearth.Engine.Templates;

namespace Hearth.Engine.Tests.Templates;

/// <summary>Hostile templates end in an error, and not in a hang, a crash or an empty memory.</summary>
public sealed class BudgetTests
{
    private const int Many = 100_000;

    public static TheoryData<string, string, string, string> Nested => new()
    {
        { "{{ ", "(", ")", "1 }}" },
        { "{{ ", "[", "]", " }}" },
        { "{{ ", "{'a':", "}", " }}" },
        { "{{ ", "not ", string.Empty, "1 }}" },
        { "{{ ", "-", string.Empty, "1 }}" },
        { "{{ ", "1 if 0 else ", string.Empty, "1 }}" },
        { "{{ 1", "|d(1", ")", " }}" },
        { "{{ 1", "+1", string.Empty, " }}" },
        { "{{ 1", " and 1", string.Empty, " }}" },
        { "{{ 1", "|string", string.Empty, " }}" },
        { "{{ a", ".a", string.Empty, " }}" },
        { "{{ a", "[0]", string.Empty, " }}" },
        { "{{ a", "()", string.Empty, " }}" },
        { string.Empty, "{% if 1 %}", string.Empty, string.Empty },
        { string.Empty, "{% for i in [1] %}", string.Empty, string.Empty },
        { "{% set ", "(", ")", " = 1 %}" },
    };

    [Theory]
    [MemberData(nameof(Nested))]
    public void Deep_nesting_is_refused(string start, string part, string close, string end) => ExpectBudget(
        start + string.Concat(Enumerable.Repeat(part, Many)) + string.Concat(Enumerable.Repeat(close, Many)) + end);

    [Theory]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}")]
    [InlineData("{% for x in [[1]] recursive %}{{ loop([x]) }}{% endfor %}")]
    [InlineData("{% set ns = namespace(g=[1]) %}{% for i in range(99999) %}{% set ns.g = ns.g|map('string') %}{% endfor %}{{ ns.g|list }}")]
    [InlineData("{% set l = [] %}{% set _ = l.append(l) %}{{ l }}")]
    [InlineData("{% set l = [] %}{% set _ = l.append(l) %}{{ l | tojson }}")]
    [InlineData("{% set ns = namespace(s=(1,)) %}{% for i in range(9999) %}{% set ns.s = (ns.s,) %}{% endfor %}{{ {ns.s:1} }}")]
    public void Endless_recursion_is_refused(string source) => ExpectBudget(source);

    [Theory]
    [InlineData("{% for i in range(10**9) %}{% endfor %}")]
    [InlineData("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}")]
    [InlineData("{% set l = [1] %}{% for x in l %}{% set _ = l.append(1) %}{% endfor %}")]
    [InlineData("{{ [1]|batch(10**9, 0)|list|length }}")]
    [InlineData("{{ [1]|slice(10**9)|list|length }}")]
    public void Endless_loop_is_refused(string source) => ExpectBudget(source);

    [Theory]
    [InlineData("{{ 'a' * 10**9 }}")]
    [InlineData("{{ [1] * 10**9 }}")]
    [InlineData("{{ 10 ** 1000000000 }}")]
    [InlineData("{{ 'a'|center(10**9) }}")]
    [InlineData("{{ 'a'.zfill(10**9) }}")]
    [InlineData("{{ '%1000000000d' % 1 }}")]
    [InlineData("{{ '{:1000000000}'.format(1) }}")]
    [InlineData("{{ 'a\\nb'|indent(10**9) }}")]
    [InlineData("{{ [1]|tojson(indent=10**9) }}")]
    [InlineData("{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}")]
    [InlineData("{% set ns = namespace(s='a') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}")]
    [InlineData("{% set ns = namespace(s=9) %}{% for i in range(99) %}{% set ns.s = ns.s * ns.s %}{% endfor %}")]
    [InlineData("{% for i in range(99999) %}{{ 'a' * 1000 }}{% endfor %}")]
    public void Large_value_is_refused(string source) => ExpectBudget(source);

    [Theory]
    [InlineData("{{ 1{0} }}", "+1", 500, "501")]
    [InlineData("{{ '' {0} }}", "~ 1", 3, "111")]
    public void Nesting_that_templates_have_is_allowed(string source, string part, int count, string expected) => Assert.Equal(
        expected, Jinja.Render(source.Replace("{0}", string.Concat(Enumerable.Repeat(part, count)), StringComparison.Ordinal)));

    [Fact]
    public void Search_in_long_texts_is_linear() =>
        Assert.Equal("False", Jinja.Render("{{ ('a' * 3000000 ~ 'b') in 'a' * 9000000 }}"));

    [Fact]
    public void Limits_are_options()
    {
        var template = ChatTemplate.Parse("{% for i in range(100) %}{{ i }}{% endfor %}");
        CancellationToken ct = TestContext.Current.CancellationToken;
        Assert.Equal(190, template.Render([], ct: ct).Length);
        Assert.Throws<TemplateException>(() => template.Render([], new TemplateRenderOptions { MaxSteps = 100 }, ct));
        Assert.Throws<TemplateException>(() => template.Render([], new TemplateRenderOptions { MaxLength = 100 }, ct));
        Assert.Throws<TemplateException>(() => template.Render([], new TemplateRenderOptions { MaxDepth = 2 }, ct));
    }

    [Fact]
    public void Cancellation_is_seen()
    {
        var template = ChatTemplate.Parse("{% for i in range(99999) %}{{ i }}{% endfor %}");
        Assert.Throws<OperationCanceledException>(() => template.Render([], ct: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Deep_context_is_refused()
    {
        var context = new JsonObject();
        JsonObject inner = context;
        for (int i = 0; i < 2000; i++)
        {
            var next = new JsonObject();
            inner["a"] = next;
            inner = next;
        }

        var exception = Assert.Throws<TemplateException>(
            () => ChatTemplate.Parse("x").Render(context, ct: TestContext.Current.CancellationToken));
        Assert.Equal(TemplateErrorKind.Budget, exception.Kind);
    }

    private static void ExpectBudget(string source) =>
        Assert.Equal(TemplateErrorKind.Budget, Assert.Throws<TemplateException>(() => Jinja.Render(source)).Kind);
}
