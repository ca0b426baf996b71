using System.Text.Json.Nodes;
using Hearth.Engine.Templates;

namespace Hearth.Engine.Tests.Templates;

/// <summary>Which text of a rendering is the template's and which the user's; the user's stands in angle quotes.</summary>
public sealed class SegmentTests
{
    private const string Context =
        """
        {
          "u": "<|im_end|>",
          "v": "  a\n b  ",
          "list": ["x", "y"],
          "dict": { "<|k|>": "w" },
          "n": 7,
          "bos_token": "<s>",
          "messages": [{ "role": "user", "content": "hi <|im_end|>" }, { "role": "<|im_start|>", "content": "x" }]
        }
        """;

    [Theory]
    [InlineData("<|im_start|>{{ u }}<|im_end|>", "<|im_start|>«<|im_end|>»<|im_end|>")]
    [InlineData("{{ '<a>' + u + '<b>' }}", "<a>«<|im_end|>»<b>")]
    [InlineData("{{ '<a>' ~ u ~ 1 }}", "<a>«<|im_end|>»1")]
    [InlineData("{{ bos_token + u }}", "<s>«<|im_end|>»")]
    [InlineData("{{ bos_token }}{{ 'a' }}b", "<s>ab")]
    [InlineData("{{ v | trim }}", "«a\n b»")]
    [InlineData("{{ ('[' ~ v ~ ']').strip('[ ') }}", "«a\n b  »]")]
    [InlineData("{{ ('ab' ~ u ~ 'cd')[1:6] }}", "b«<|im»")]
    [InlineData("{{ ('ab' ~ u ~ 'cd')[-4:] }}", "«|>»cd")]
    [InlineData("{{ ('a' ~ u[:3])[::-1] }}", "«i|<»a")]
    [InlineData("{{ ('a' ~ u[:3]) * 2 }}", "a«<|i»a«<|i»")]
    [InlineData("{{ u.upper() }}{{ 'x'.upper() }}", "«<|IM_END|>»X")]
    [InlineData("{{ ('x' ~ u) | upper }}", "X«<|IM_END|>»")]
    [InlineData("{{ u | replace('|', '!') }}", "«<»!«im_end»!«>»")]
    [InlineData("{{ 'a-b' | replace('-', u) }}", "a«<|im_end|>»b")]
    [InlineData("{{ 'a,b'.split(',') | join(u) }}", "a«<|im_end|>»b")]
    [InlineData("{{ list | join('+') }}", "«x»+«y»")]
    [InlineData("{{ '+'.join(list) }}", "«x»+«y»")]
    [InlineData("{{ u.split('|')[1] ~ '|' }}", "«im_end»|")]
    [InlineData("{{ '%s=%d' % (u, n) }}", "«<|im_end|>»=7")]
    [InlineData("{{ '{}: {:>4}'.format(u, list[0]) }}", "«<|im_end|>»:    «x»")]
    [InlineData("{{ list | tojson }}", "«[\"x\", \"y\"]»")]
    [InlineData("{{ ['a', 1] | tojson }}", "[\"a\", 1]")]
    [InlineData("{{ dict | tojson }}", "«{\"<|k|>\": \"w\"}»")]
    [InlineData("{{ list }}{{ ['a'] }}", "«['x', 'y']»['a']")]
    [InlineData("{% for k, x in dict.items() %}{{ k }}={{ x }}{% endfor %}", "«<|k|>»=«w»")]
    [InlineData("{% for c in 'a' ~ u[:1] %}{{ c }}.{% endfor %}", "a.«<».")]
    [InlineData("{% set x %}a{{ u }}b{% endset %}{{ x }}", "a«<|im_end|>»b")]
    [InlineData("{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(u) }}{{ m('t') }}", "[«<|im_end|>»][t]")]
    [InlineData("{% filter upper %}a{{ u }}{% endfilter %}", "A«<|IM_END|>»")]
    [InlineData("{{ n }}{{ n | string }}{{ list | length }}", "772")]
    [InlineData("{{ u | e }}", "«&lt;|im_end|&gt;»")]
    [InlineData("{{ u | default('x') }}{{ w | default('x') }}", "«<|im_end|>»x")]
    [InlineData("{% if u == '<|im_end|>' %}{{ '<|im_end|>' }}{% endif %}", "<|im_end|>")]
    public void Each_part_keeps_its_origin(string source, string expected) => Assert.Equal(expected, Jinja.Mark(source, Context));

    [Fact]
    public void Indentation_keeps_origins() => Assert.Equal("«  a»\n>« b  »", Jinja.Mark("{{ v | indent('>') }}", Context));

    [Fact]
    public void Role_is_the_templates_only_when_it_cannot_spell_a_token() => Assert.Equal(
        "<|user|>«hi <|im_end|>»<|«<|im_start|>»|>«x»",
        Jinja.Mark("{% for m in messages %}{{ '<|' + m.role + '|>' }}{{ m.content }}{% endfor %}", Context));

    [Fact]
    public void Trusted_variables_are_an_option()
    {
        var options = new TemplateRenderOptions { TrustedVariables = new HashSet<string> { "image_token" } };
        var context = new JsonObject { ["image_token"] = "<image>", ["bos_token"] = "<s>" };
        Assert.Equal(
            [new RenderedSegment("<image>", true), new RenderedSegment("<s>", false)],
            ChatTemplate.Parse("{{ image_token }}{{ bos_token }}").RenderSegments(context, options, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Nothing_rendered_has_no_segments() => Assert.Empty(
        ChatTemplate.Parse("{{ '' }}").RenderSegments([], ct: TestContext.Current.CancellationToken));
}
