using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Server.Hosting;
using Hearth.Tests;

namespace Hearth.Server.Tests.Chat;

/// <summary>A server of models that would think for ever.</summary>
public sealed class ThinkingServer : TestServer
{
    /// <summary>Begins its thought itself; its marks are control tokens.</summary>
    public const string Opener = "opener";

    /// <summary>The same, without any guesses.</summary>
    public const string Plodder = "plodder";

    /// <summary>The same, set to think for <see cref="Setting"/> tokens.</summary>
    public const string Limited = "limited";

    /// <summary>Thinks where its template has begun the thought.</summary>
    public const string Begun = "begun";

    /// <summary>The same, with a mark behind it that is ordinary text.</summary>
    public const string Texts = "texts";

    /// <summary>Writes messages as gpt-oss does. Its answer is more of the thought.</summary>
    public const string Harmony = "harmony";

    public const string Thought = "Wait, let me see once more whether that is so. Hmm? ";
    public const string Answer = "It is 42.";
    public const int Setting = 5;

    private const string Template = "{%- for message in messages -%}{{- '[' + message.role + ']' + message.content -}}{%- endfor -%}{#- <think></think> -#}";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    protected override void AddModels(ModelHost host)
    {
        string opener = Write(Opener, $"<think>{Thought}", "</think>", Answer, Template, "<|begin_of_reply|>", "<think>", "</think>");
        host.Register(Opener, opener);
        host.Register(Limited, opener, new ServedModelOptions { ReasoningBudget = Setting });
        host.Register(Plodder, opener, new ServedModelOptions { Load = new LanguageModelOptions { Speculation = new SpeculationOptions { PromptLookup = false } } });
        host.Register(Begun, Write(Begun, Thought, "</think>", Answer, Template, "<think>", "<think>", "</think>"));
        host.Register(Texts, Write(Texts, Thought, "</think>", Answer, Template, "<think>"));
        string[] marks = ["<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|call|>", "<|return|>"];
        host.Register(Harmony, Write(
            Harmony, $"<|channel|>analysis<|message|>{Thought}", "<|message|>", string.Empty, Template + "{#- <|channel|><|message|> -#}", "<|begin_of_reply|>", marks));
    }

    private string Write(string name, string thought, string close, string answer, string template, string begin, params string[] controls) =>
        ScriptedModel.WriteEndless(Path.Combine(_folder.FullName, name + ".gguf"), thought, close, answer, template, begin, controls);
}
