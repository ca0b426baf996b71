using Hearth.Engine.Output.Replies.Syntaxes;

namespace Hearth.Engine.Output.Replies;

/// <summary>Which format a model has, by what its chat template mentions: the first entry that fits.</summary>
internal static class ReplyFormats
{
    private static readonly JsonCallForm s_cohere = new("tool_name", "parameters");
    private static readonly Entry[] s_entries =
    [
        new("mistral", ["[TOOL_CALLS]", "[ARGS]"], () => new MistralSyntax(isArray: false)),
        new("mistral", ["[TOOL_CALLS]"], () => new MistralSyntax(isArray: true)),
        new("kimi-k2", ["<|tool_calls_section_begin|>"], () => new KimiSyntax()),
        new("command-r7b", ["<|START_ACTION|>"], () => new JsonSyntax(["<|START_ACTION|>"], "<|END_ACTION|>") { Form = s_cohere with { NumberKey = "tool_call_id" } })
        {
            Wrappers = ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"],
        },
        new("lfm2", ["<|tool_list_start|>"], () => new Lfm2Syntax()),
        new("lfm2", ["<|tool_call_start|>"], () => new Lfm2Syntax()),
        new("lfm2", ["List of tools: ["], () => new Lfm2Syntax()),
        new("deepseek-v3.2", ["DSML", "function_calls"], () => new InvokeSyntax("<｜DSML｜function_calls>", "</｜DSML｜function_calls>", "｜DSML｜")),
        new("deepseek-v4", ["DSML", "tool_calls"], () => new InvokeSyntax("<｜DSML｜tool_calls>", "</｜DSML｜tool_calls>", "｜DSML｜")),
        new("gemma-4", ["<|tool_call>call:"], () => new GemmaSyntax()),
        new("minimax-m2", ["<minimax:tool_call>"], () => new InvokeSyntax("<minimax:tool_call>", "</minimax:tool_call>")),
        new("seed-oss", ["<seed:tool_call>"], () => new FunctionTagSyntax("seed:")),
        new("qwen3-coder", ["<function=", "<parameter="], () => new FunctionTagSyntax()),
        new("glm-4", ["<arg_key>"], () => new GlmSyntax()),
        new("deepseek", ["<｜tool▁calls▁begin｜>"], () => new DeepSeekSyntax()),
        new("functionary-v3.1", ["<function="], () => new FunctionaryTagSyntax()),
        new("functionary-v3.1", ["<{start_tag}="], () => new FunctionaryTagSyntax()),
        new("nemotron", ["<TOOLCALL>"], () => new JsonSyntax(["<TOOLCALL>"], "</TOOLCALL>")),
        new("hermes", ["<tool_call>"], () => new JsonSyntax(["<tool_call>"], "</tool_call>") { IsList = false }),
        new("phi-4-mini", ["<|tool_call|>", "<|/tool_call|>"], () => new JsonSyntax(["<|tool_call|>"], "<|/tool_call|>")),
        new("phi-4-mini", ["<|tool|>"], () => new JsonSyntax(["<|tool_call|>", "functools"], "<|/tool_call|>") { Begins = ["<|tool_call|>", "functools["] }),
        new("granite", ["<|tool_call|>"], () => new JsonSyntax(["<|tool_call|>"], null)),
        new("firefunction", ["functools["], () => new JsonSyntax(["functools"], null) { IsAmbiguous = true, Begins = ["functools["] }),
        new("command-r", ["Action:", "```json"], () => new JsonSyntax(["Action: ```json", "Action:```json"], "```")
        {
            IsAmbiguous = true,
            Form = s_cohere,
            NoCall = "directly_answer",
        }),
        new("llama-3", ["<|python_tag|>"], () => new LlamaSyntax()),
        new("llama-3", ["<|start_header_id|>", "\"parameters\": "], () => new LlamaSyntax()),
    ];

    internal static ReplyFormat Detect(string template, Func<string, bool> hasToken, bool callsAreTaught)
    {
        Reasoning? reasoning = Reasoning.Detect(template, hasToken);
        if (callsAreTaught)
        {
            return new MarkedFormat("generic", new GenericSyntax(), reasoning);
        }

        if (Mentions(template, HarmonyFormat.Channel, HarmonyFormat.Message))
        {
            return new HarmonyFormat();
        }

        if (Mentions(template, ">>>all", ">>>${recipient}"))
        {
            return new FunctionaryFormat();
        }

        Entry? entry = Array.Find(s_entries, entry => Mentions(template, entry.Mentions));
        return entry is null
            ? new MarkedFormat("generic", new GenericSyntax(), reasoning)
            : new MarkedFormat(entry.Name, entry.Create(), reasoning, [.. entry.Wrappers, .. ResponseTags(template)]);
    }

    // Granite's, beside its thoughts; other templates mention such tags for results of tools.
    private static string[] ResponseTags(string template) => Mentions(template, "<response></response>") ? ["<response>", "</response>"] : [];

    private static bool Mentions(string template, params string[] texts) => Array.TrueForAll(texts, text => template.Contains(text, StringComparison.Ordinal));

    private sealed record Entry(string Name, string[] Mentions, Func<ToolSyntax> Create)
    {
        internal string[] Wrappers { get; init; } = [];
    }
}
