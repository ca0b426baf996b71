using Hearth.Tests;

namespace Hearth.EndToEnd.Tests;

/// <summary>A model that thinks, calls the tool <c>add</c>, and after the tool's result says the sum.</summary>
internal static class CallerModel
{
    public const string Name = "caller";
    public const string Arguments = """{"a": 1.5, "b": 2}""";
    public const string Answer = "It is 3.5.";

    private const string Template =
        "{% for tool in tools %}{{ tool | tojson }}{% endfor %}{% for message in messages %}[{{ message.role }}]{{ message.content }}"
        + "{% for call in message.tool_calls %}<tool_call>{{ call.function.name }}{{ call.function.arguments | tojson }}</tool_call>{% endfor %}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|after|>' if messages[-1].role == 'tool' else '<|begin|>' }}{% endif %}";

    public static string Write(string path) => ScriptedModel.Write(
        path,
        [
            new Script("<|begin|>", "<think>\nA sum.\n</think>\n\nI add.\n<tool_call>\n{\"name\": \"add\", \"arguments\": " + Arguments + "}\n</tool_call>"),
            new Script("<|after|>", Answer),
        ],
        Template,
        "<think>", "</think>", "<tool_call>", "</tool_call>");
}

/// <summary>Not a test: writes the models that the npm clients talk to into the folder <c>HEARTH_CLIENT_MODELS</c>; see <c>tests/clients/run</c>.</summary>
public sealed class ClientModels
{
    [Fact(Explicit = true)]
    public void Write() => CallerModel.Write(Path.Combine(Environment.GetEnvironmentVariable("HEARTH_CLIENT_MODELS") ?? ".", CallerModel.Name + ".gguf"));
}
