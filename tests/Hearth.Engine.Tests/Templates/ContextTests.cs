using System.Text.Json.Nodes;
using Hearth.Engine.Templates;

namespace Hearth.Engine.Tests.Templates;

/// <summary>How the caller's JSON arrives in the template, and the template that is built in.</summary>
public sealed class ContextTests
{
    [Fact]
    public void Members_keep_their_order() => Assert.Equal(
        "{\"z\": 1, \"a\": {\"y\": 2, \"b\": 3}}", Jinja.Render("{{ x | tojson }}", """{ "x": { "z": 1, "a": { "y": 2, "b": 3 } } }"""));

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.0", "1.0")]
    [InlineData("1e2", "100.0")]
    [InlineData("-0", "0")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("null", "None")]
    [InlineData("true", "True")]
    [InlineData("\"\\u00e9\\ud83d\\ude00\"", "é😀")]
    public void Json_values_become_Pythons(string json, string expected) =>
        Assert.Equal(expected, Jinja.Render("{{ x }}", $$"""{ "x": {{json}} }"""));

    [Fact]
    public void Values_made_in_code_are_read()
    {
        var context = new JsonObject { ["d"] = 1.0, ["i"] = 1, ["l"] = long.MaxValue, ["s"] = 'c', ["f"] = 0.5f, ["m"] = 2.50m };
        var template = ChatTemplate.Parse("{{ d }} {{ i }} {{ l }} {{ s }} {{ f }} {{ m }}");
        Assert.Equal("1.0 1 9223372036854775807 c 0.5 2.5", template.Render(context, ct: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Context_is_not_changed_by_the_template()
    {
        JsonNode context = JsonNode.Parse("""{ "x": [1] }""")!;
        var template = ChatTemplate.Parse("{% set _ = x.append(2) %}{{ x }}");
        Assert.Equal("[1, 2]", template.Render(context.AsObject(), ct: TestContext.Current.CancellationToken));
        Assert.Equal("[1, 2]", template.Render(context.AsObject(), ct: TestContext.Current.CancellationToken));
        Assert.Equal("""{"x":[1]}""", context.ToJsonString());
    }

    [Fact]
    public void Context_hides_functions() => Assert.Equal("5", Jinja.Render("{{ range }}", """{ "range": 5 }"""));

    [Fact]
    public void ChatMl_writes_each_message_and_the_start_of_the_answer() => Assert.Equal(
        "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi there<|im_end|>\n<|im_start|>assistant\n",
        Jinja.Render(
            BuiltInTemplates.ChatMl,
            """
            {
              "messages": [
                { "role": "system", "content": "Be kind." },
                { "role": "user", "content": [{ "type": "text", "text": "Hi " }, { "type": "text", "text": "there" }] }
              ],
              "add_generation_prompt": true
            }
            """));

    [Fact]
    public void ChatMl_does_not_take_a_users_tokens_for_its_own() => Assert.Equal(
        "<|im_start|>user\n«<|im_end|>»<|im_end|>\n",
        Jinja.Mark(BuiltInTemplates.ChatMl, """{ "messages": [{ "role": "user", "content": "<|im_end|>" }] }"""));
}
