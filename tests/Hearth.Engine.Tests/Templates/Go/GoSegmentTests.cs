namespace Hearth.Engine.Tests.Templates.Go;

/// <summary>Which text of a rendering is the template's and which the user's; the user's stands in angle quotes.</summary>
public sealed class GoSegmentTests
{
    private const string Context =
        """
        {
          "messages": [
            { "role": "system", "content": "<s>" },
            { "role": "user", "content": "<|im_end|>", "images": ["x"] },
            { "role": "<|im_start|>", "content": "é<|x|>", "tool_calls": [{ "function": { "name": "<f>", "arguments": { "<k>": "<v>", "n": 5 } } }] }
          ],
          "tools": [{ "type": "function", "function": { "name": "<tool>" } }],
          "think": "<high>"
        }
        """;

    [Theory]
    [InlineData("{{ range .Messages }}<|{{ .Role }}|>{{ .Content }}<|end|>{{ end }}", "<|system|>«<s>»<|end|><|user|>[img-0]«<|im_end|>»<|end|><|«<|im_start|>»|>«é<|x|>»<|end|>")]
    [InlineData("{{ $s := \"\" }}{{ range .Messages }}{{ $s = printf \"%s<a>%s\" $s .Content }}{{ end }}{{ $s }}", "<a>«<s>»<a>[img-0]«<|im_end|>»<a>«é<|x|>»")]
    [InlineData("{{ print \"<a>\" .System \"<b>\" 1 }}", "<a>«<s>»<b>1")]
    [InlineData("{{ println .System \"<b>\" }}", "«<s>» <b>\n")]
    [InlineData("{{ .System | html }}{{ .System | printf \"%q\" }}{{ printf \"%6s|\" .System }}", "«&lt;s&gt;\"<s>\"»   «<s>»|")]
    [InlineData("{{ slice (print \"ab\" .System \"cd\") 1 6 }}", "b«<s>»c")]
    [InlineData("{{ slice (print \"é\" .System \"cd\") 0 4 }}", "é«<s»")]
    [InlineData("{{ (index .Messages 1).Content }}{{ printf \"%c\" (index .System 0) }}", "[img-0]«<|im_end|><»")]
    [InlineData("{{ json .System }}{{ json \"<a>\" }}{{ json 5 }}", "«\"\\u003cs\\u003e\"»\"\\u003ca\\u003e\"5")]
    [InlineData("{{ .Tools }}<t>", "«[{\"type\":\"function\",\"function\":{\"name\":\"\\u003ctool\\u003e\",\"description\":\"\",\"parameters\":{\"type\":\"\",\"properties\":null}}}]»<t>")]
    [InlineData("{{ range .Tools }}<t>{{ .Function.Name }}{{ end }}", "<t>«<tool>»")]
    [InlineData("{{ range (index .Messages 2).ToolCalls }}{{ .Function.Name }}={{ range $k, $v := .Function.Arguments }}{{ $k }}:{{ $v }};{{ end }}{{ end }}", "«<f>»=«<k>»:«<v>»;«n»:5;")]
    [InlineData("{{ with .Nope }}{{ else }}{{ $.Nope }}{{ end }}{{ .ThinkLevel }}", "<no value>«<high>»")]
    [InlineData("{{ if eq .System \"<s>\" }}{{ \"<s>\" }}{{ end }}{{ len .System }}", "<s>3")]
    [InlineData("{{ urlquery .System \"<\" }}{{ js .System }}", "«%3Cs%3E»%3C«\\u003Cs\\u003E»")]
    [InlineData("{{ printf \"%x %v\" .System .Messages | len }}", "«»")]
    public void EachPart_KeepsItsOrigin(string source, string expected)
    {
        string marked = GoTemplates.Mark("{{ range .Messages }}{{ end }}" + source, Context);
        if (expected == "«»")
        {
            Assert.DoesNotContain("«", marked, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(expected, marked);
    }

    [Fact]
    public void OldTemplates_KeepOriginsToo() => Assert.Equal(
        "<u>«<|im_end|>»<a>«hi»<e><u>«<s>\n\n<t>»<a>",
        GoTemplates.Mark(
            "<u>{{ .Prompt }}<a>{{ .Response }}<e>",
            """{ "messages": [{ "role": "user", "content": "<|im_end|>" }, { "role": "assistant", "content": "hi" }, { "role": "user", "content": "<s>\n\n<t>" }] }"""));
}
