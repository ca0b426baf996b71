using System.Text.Json.Nodes;
using Hearth.Engine.Templates;

namespace Hearth.Engine.Tests.Templates.Go;

/// <summary>Hostile templates end in an error, and not in a hang, a crash or an empty memory.</summary>
public sealed class GoBudgetTests
{
    private const int Many = 100_000;

    [Theory]
    [InlineData("{{ ", "(", ")", " }}", "1")]
    [InlineData("", "{{ if 1 }}", "{{ end }}", "", "")]
    [InlineData("", "{{ range .L }}", "", "", "")]
    [InlineData("{{ if 0 }}", "{{ else if 0 }}", "", "{{ end }}", "")]
    [InlineData("", "{{ with 0 }}{{ else }}", "{{ end }}", "", "")]
    [InlineData("", "{{ block \"x\" 1 }}", "{{ end }}", "", "")]
    [InlineData("{{ 1 ", "| print (1 ", ")", " }}", "")]
    public void DeepNesting_IsRefused(string start, string part, string close, string end, string middle) => ExpectBudget(
        start + string.Concat(Enumerable.Repeat(part, Many)) + middle + string.Concat(Enumerable.Repeat(close, Many)) + end);

    [Theory]
    [InlineData("{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}")]
    [InlineData("{{ define \"a\" }}{{ template \"b\" . }}{{ end }}{{ define \"b\" }}{{ range .L }}{{ template \"a\" $ }}{{ end }}{{ end }}{{ template \"a\" . }}")]
    public void EndlessRecursion_IsRefused(string source) => ExpectBudget(source);

    [Theory]
    [InlineData("{{ range 9223372036854775807 }}{{ end }}")]
    [InlineData("{{ range 99999 }}{{ range 99999 }}{{ end }}{{ end }}")]
    [InlineData("{{ range 99999999 }}{{ $x := 1 }}{{ end }}")]
    [InlineData("{{ define \"a\" }}{{ range 1000 }}{{ range 1000 }}{{ . }}{{ end }}{{ end }}{{ end }}{{ range 1000 }}{{ template \"a\" . }}{{ end }}")]
    public void EndlessLoop_IsRefused(string source) => ExpectBudget(source);

    [Theory]
    [InlineData("{{ printf \"%999999999d\" 1 }}")]
    [InlineData("{{ printf \"%.999999999f\" 1.5 }}")]
    [InlineData("{{ range 99999 }}{{ printf \"%1000000d\" 1 }}{{ end }}")]
    [InlineData("{{ range 99999 }}{{ printf \"%*d\" 1000000 1 }}{{ end }}")]
    [InlineData("{{ $s := \"a\" }}{{ range 99 }}{{ $s = print $s $s }}{{ end }}")]
    [InlineData("{{ $s := \"a\" }}{{ range 99 }}{{ $s = printf \"%q%q\" $s $s }}{{ end }}")]
    [InlineData("{{ $s := \"<\" }}{{ range 99 }}{{ $s = html $s $s }}{{ end }}")]
    [InlineData("{{ $s := \"<\" }}{{ range 99 }}{{ $s = urlquery $s $s }}{{ end }}")]
    [InlineData("{{ $s := \"<\" }}{{ range 99 }}{{ $s = json $s }}{{ end }}")]
    public void LargeText_IsRefused(string source) => ExpectBudget(source);

    [Fact]
    public void ManyVariables_AreRefused() => ExpectBudget(string.Concat(Enumerable.Range(0, Many).Select(i => $"{{{{ $v{i} := 1 }}}}")));

    [Fact]
    public void DeepData_IsRefused()
    {
        JsonNode data = new JsonArray();
        for (int i = 0; i < 2000; i++)
        {
            data = new JsonArray(data);
        }

        Assert.Equal(
            TemplateErrorKind.Budget,
            Assert.Throws<TemplateException>(() => GoTemplates.Parse("{{ range .Messages }}{{ end }}").Render(
                new JsonObject { ["messages"] = new JsonArray(), ["tools"] = new JsonArray(new JsonObject { ["items"] = data }) },
                ct: TestContext.Current.CancellationToken)).Kind);
    }

    [Fact]
    public void Limits_AreOptions()
    {
        const string Source = "{{ range 100 }}{{ . }}{{ end }}";
        Assert.Equal(190, GoTemplates.Execute(Source, null).Length);
        Assert.Throws<TemplateException>(() => GoTemplates.Execute(Source, null, new TemplateRenderOptions { MaxSteps = 100 }));
        Assert.Throws<TemplateException>(() => GoTemplates.Execute(Source, null, new TemplateRenderOptions { MaxLength = 100 }));
        Assert.Throws<TemplateException>(() => GoTemplates.Execute(Source, null, new TemplateRenderOptions { MaxDepth = 1 }));
    }

    [Fact]
    public void Cancellation_IsSeen() => Assert.Throws<OperationCanceledException>(
        () => GoTemplates.Parse("{{ range 99999 }}{{ . }}{{ end }}").Render(
            new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "x" }) }, ct: new CancellationToken(canceled: true)));

    [Fact]
    public void LongTemplate_IsRefused() => Assert.Equal(
        TemplateErrorKind.Budget,
        Assert.Throws<TemplateException>(() => GoTemplates.Parse(new string('a', ChatTemplate.MaxSourceLength + 1))).Kind);

    private static void ExpectBudget(string source) =>
        Assert.Equal(TemplateErrorKind.Budget, Assert.Throws<TemplateException>(() => GoTemplates.Execute(source, JsonNode.Parse("""{ "L": [1] }"""))).Kind);
}
