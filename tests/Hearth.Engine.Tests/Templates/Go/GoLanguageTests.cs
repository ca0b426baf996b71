using System.Text.Json.Nodes;
using Hearth.Engine.Templates;

namespace Hearth.Engine.Tests.Templates.Go;

/// <summary>The language: what Go's text/template gives for the same templates and the same data.</summary>
public sealed class GoLanguageTests
{
    private static readonly JsonObject s_vectors = GoTemplates.Json("vectors.json");

    public static TheoryData<string, string> Renderings => Data("cases", "expected");

    public static TheoryData<string, string> Failures => Data("errors", "error");

    [Theory]
    [MemberData(nameof(Renderings))]
    public void Rendering_IsTheTextThatGoGives(string template, string expected) =>
        Assert.Equal(expected, GoTemplates.Execute(template, s_vectors["context"]));

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failure_HasGosWords(string template, string expected)
    {
        TemplateException exception = Assert.Throws<TemplateException>(() => GoTemplates.Execute(template, s_vectors["context"]));
        Assert.Equal(expected, exception.Detail);
    }

    // Go refuses these with other words.
    [Fact]
    public void WhatGoRefuses_IsRefused() => Assert.All(
        s_vectors["refused"]!.AsArray(),
        template => Assert.Throws<TemplateException>(() => GoTemplates.Execute((string)template!, s_vectors["context"])));

    // Since Go 1.22 and 1.23.
    [Theory]
    [InlineData("{{ range 3 }}{{ . }}{{ end }}", "012")]
    [InlineData("{{ range $i, $n := 2 }}{{ $i }}{{ $n }};{{ end }}", "00;11;")]
    [InlineData("{{ with .E }}a{{ else with .S }}{{ . }}{{ else }}c{{ end }}", "Hello World")]
    [InlineData("{{ if .E }}a{{ else if .X }}b{{ else if .T }}c{{ else }}d{{ end }}", "c")]
    [InlineData("{{ eq .Missing \"x\" }} {{ ne .Missing \"x\" }}", "false true")]
    [InlineData("{{ json \"\\b\\f\" }}", "\"\\b\\f\"")]
    public void NewerConstructs_AreThere(string template, string expected) =>
        Assert.Equal(expected, GoTemplates.Execute(template, s_vectors["context"]));

    [Fact]
    public void Escapes_WriteNothingAsAnActionDoes() =>
        Assert.Equal("&lt;no value&gt;", GoTemplates.Execute("{{ .Missing | html }}", s_vectors["context"]));

    [Fact]
    public void TrimmedSpace_CrossesLines() =>
        Assert.Equal("a1b", GoTemplates.Execute("a \r\n\t {{- 1 -}} \n\n b", null));

    private static TheoryData<string, string> Data(string list, string member)
    {
        var data = new TheoryData<string, string>();
        foreach (JsonNode? item in s_vectors[list]!.AsArray())
        {
            data.Add((string)item!["template"]!, (string)item[member]!);
        }

        return data;
    }
}
