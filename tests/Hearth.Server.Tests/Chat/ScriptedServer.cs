using Hearth.Server.Hosting;
using Hearth.Tests;

namespace Hearth.Server.Tests.Chat;

/// <summary>A server of models that each say one text.</summary>
public sealed class ScriptedServer : TestServer
{
    /// <summary>Thinks, says something, and calls two tools; its marks are control tokens.</summary>
    public const string Caller = "caller";

    /// <summary>Begins a call and would make a mess of it.</summary>
    public const string Broken = "broken";

    /// <summary>Thinks where its template has begun the thought, and answers.</summary>
    public const string Thinker = "thinker";

    public const string Thought = "Paris it is, and a sum.";
    public const string Text = "I look it up.";
    public const string BrokenReply = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": Paris}}\n</tool_call>";

    private const string Template =
        """
        {%- for tool in tools %}{{ '[tool]' + tool | tojson }}{% endfor -%}
        {%- for message in messages -%}
        {{- '[' + message.role + ']' + message.content -}}
        {%- for call in message.tool_calls -%}{{- '<tool_call>' + call.function.name + call.function.arguments | tojson + '</tool_call>' -}}{%- endfor -%}
        {%- endfor -%}
        {#- <think></think> -#}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    protected override void AddModels(ModelHost host)
    {
        // Two calls between one pair of marks: a control token has one successor.
        const string Calls = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\", \"days\": 3}}\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}</tool_call>";
        Add(host, Caller, $"<think>\n{Thought}\n</think>\n\n{Text}\n{Calls}", Template);
        Add(host, Broken, BrokenReply, Template);
        Add(host, Thinker, $"{Thought}\n</think>\n\n{Text}", Template, "<think>");
    }

    private void Add(ModelHost host, string name, string script, string template, string begin = "<|begin_of_reply|>") => host.Register(
        name, ScriptedModel.Write(Path.Combine(_folder.FullName, name + ".gguf"), script, template, begin, "<think>", "</think>", "<tool_call>", "</tool_call>"));
}
