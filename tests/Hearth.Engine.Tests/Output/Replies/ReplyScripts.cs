using Hearth.Engine.Output.Replies;

namespace Hearth.Engine.Tests.Output.Replies;

/// <summary>Replies as models write them, and what is in them, by the names of the formats.</summary>
internal static class ReplyScripts
{
    /// <summary>What the templates of the formats mention.</summary>
    public static IReadOnlyDictionary<string, string> Mentions { get; } = new Dictionary<string, string>
    {
        ["hermes"] = "<think><tool_call>",
        ["qwen3-coder"] = "<tool_call><function=<parameter=",
        ["seed-oss"] = "<seed:think><seed:tool_call>",
        ["llama-3"] = "<|python_tag|>",
        ["mistral"] = "[THINK][TOOL_CALLS]",
        ["deepseek"] = "<think><｜tool▁calls▁begin｜>",
        ["deepseek-v3.2"] = "<think>DSML function_calls",
        ["harmony"] = "<|channel|><|message|>",
        ["granite"] = "<think></think><response></response><|tool_call|>",
        ["command-r7b"] = "<|START_THINKING|><|START_ACTION|>",
        ["command-r"] = "Action: ```json",
        ["phi-4-mini"] = "<|tool_call|><|/tool_call|>",
        ["firefunction"] = "functools[",
        ["functionary-v3.1"] = "<function=",
        ["functionary-v3.2"] = ">>>all>>>${recipient}",
        ["glm-4"] = "<think><tool_call><arg_key>",
        ["kimi-k2"] = "<think><|tool_calls_section_begin|>",
        ["minimax-m2"] = "<think><minimax:tool_call>",
        ["nemotron"] = "<think><TOOLCALL>",
        ["lfm2"] = "<|tool_list_start|>",
        ["gemma-4"] = "<|channel>thought<|tool_call>call:",
        ["generic"] = "<think>",
    };

    public static ReplyFormat Format(string name)
    {
        ReplyFormat format = ReplyRun.Format(Mentions[name]);
        Assert.Equal(name, format.Name);
        return format;
    }

    /// <summary>Format, end of the prompt, reply, what is in it.</summary>
    public static TheoryData<string, string, string, string> All { get; } = new()
    {
        { "hermes", "", "Hello there!", "C(Hello there!)" },
        { "hermes", "", " a < b, <t and <tool> \n", "C( a < b, <t and <tool> \n)" },
        { "hermes", "", "<think>\nHm.\n</think>\n\nHi", "R(Hm.)C(Hi)" },
        { "hermes", "", "<think>\n\n</think>\n\nHi", "C(Hi)" },
        { "hermes", "<think>\n", "Hm.\n</think>\n\nHi", "R(Hm.)C(Hi)" },
        { "hermes", "<think>\n", "<think>\nHm </thin.</think>Hi", "R(Hm </thin.)C(Hi)" },
        { "hermes", "<think>\n\n</think>\n\n", "Hi <think>", "C(Hi <think>)" },
        { "hermes", "", "<think>never ends\n", "R(never ends)" },
        { "hermes", "", "In XML, <think> is a tag</think>.", "C(In XML, <think> is a tag</think>.)" },
        { "hermes", "", "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>", "T(get_weather {\"city\":\"Paris\"})" },
        {
            "hermes", "", "<think>\nTwo.\n</think>\n\nI look.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>\n<tool_call>\n{\"arguments\": {\"a\": 1, \"b\": -2.5e3}, \"name\": \"add\"}\n</tool_call>",
            "R(Two.)C(I look.)T(get_weather {\"city\":\"Paris\"})T(add {\"a\":1,\"b\":-2.5e3})"
        },
        { "hermes", "", "<tool_call>{\"name\": \"add\"}</tool_call> Done.", "T(add {})C(Done.)" },
        { "hermes", "", "<tool_call>{\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}</tool_call>", "T(add {\"a\":1})" },
        { "hermes", "", "<tool_call>[{\"name\":\"add\",\"arguments\":{}},{\"name\":\"add\",\"arguments\":{\"a\":2}}]</tool_call>", "T(add {})T(add {\"a\":2})" },
        { "hermes", "", "<tool_call>{\"name\":\"add\",\"arguments\":{}}\n{\"name\":\"get_weather\",\"arguments\":{}}</tool_call>", "T(add {})T(get_weather {})" },
        { "hermes", "", "<tool_call>{\"name\":\"get_weather\",\"arguments\":{\"city\":\"a\\\"b\\\\c</tool_call>\\u00e9\\ud83e\\udd99\\u00e8\\/\nd\"}}</tool_call>", "T(get_weather {\"city\":\"a\\\"b\\\\c</tool_call>é\\uD83E\\uDD99è/\\nd\"})" },
        { "hermes", "", "<tool_call>{\"name\":\"add\",\"arguments\":{\"a\":1}}}</tool_call>", "T(add {\"a\":1})" },
        { "qwen3-coder", "", "Sure.\n\n<tool_call>\n<function=get_weather>\n<parameter=city>\nNew\nYork \n</parameter>\n<parameter=days>\n3\n</parameter>\n<parameter=tags>\n[\"a\", 1]\n</parameter>\n</function>\n</tool_call>", "C(Sure.)T(get_weather {\"city\":\"New\\nYork \",\"days\":3,\"tags\":[\"a\",1]})" },
        { "qwen3-coder", "", "<function=add>\n<parameter=a>1</parameter>\n</function>\n<tool_call><function=add></function></tool_call>", "T(add {\"a\":1})T(add {})" },
        { "qwen3-coder", "", "<tool_call><function=get_weather><parameter=city>42</parameter><parameter=note>null</parameter><parameter=days>soon</parameter><parameter=exact>true</parameter></function></tool_call>", "T(get_weather {\"city\":\"42\",\"note\":null,\"days\":\"soon\",\"exact\":true})" },
        { "seed-oss", "", "<seed:think>Hm</seed:think><seed:tool_call>\n<function=add>\n<parameter=a>1</parameter>\n</function>\n</seed:tool_call>", "R(Hm)T(add {\"a\":1})" },
        { "llama-3", "", "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}", "T(get_weather {\"city\":\"Paris\"})" },
        { "llama-3", "", "\n\n{\"name\": \"add\", \"parameters\": {\"a\": 1}}; {\"name\": \"add\", \"parameters\": {\"a\": 2}}", "T(add {\"a\":1})T(add {\"a\":2})" },
        { "llama-3", "", "<|python_tag|>{\"type\": \"function\", \"name\": \"add\", \"parameters\": {\"a\": 1}}", "T(add {\"a\":1})" },
        { "llama-3", "", "<|python_tag|>get_weather.call(city=\"Paris\", days=2)", "T(get_weather {\"city\":\"Paris\",\"days\":2})" },
        { "llama-3", "", "{\"name\": \"Ann\", \"age\": 5}", "C({\"name\": \"Ann\", \"age\": 5})" },
        { "llama-3", "", "{\"name\": \"unknown\", \"parameters\": {}}", "C({\"name\": \"unknown\", \"parameters\": {}})" },
        { "llama-3", "", "Text {\"name\": \"add\", \"parameters\": {}}", "C(Text {\"name\": \"add\", \"parameters\": {}})" },
        { "mistral", "", "[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {\"a\": 1}, \"id\": \"abcdef123\"}, {\"name\": \"get_weather\", \"arguments\": {}}]", "T(add#abcdef123 {\"a\":1})T(get_weather {})" },
        { "mistral", "", "[THINK]Hm[/THINK]Let me see.[TOOL_CALLS]add[ARGS]{\"a\": 1}[TOOL_CALLS]get_weather[CALL_ID]123456789[ARGS]{\"city\": \"Paris\"}", "R(Hm)C(Let me see.)T(add {\"a\":1})T(get_weather#123456789 {\"city\":\"Paris\"})" },
        { "mistral", "", "[TOOL_CALLS]add{\"a\": 1}", "T(add {\"a\":1})" },
        { "mistral", "", "An [ARGS] and [TOOLS]", "C(An [ARGS] and [TOOLS])" },
        { "deepseek", "<think>\n", "Hm\n</think>\n\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{\"city\": \"Paris\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{\"a\": 1}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "R(Hm)T(get_weather {\"city\":\"Paris\"})T(add {\"a\":1})" },
        { "deepseek", "<think></think>", "OK<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": 1}<｜tool▁call▁end｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": 2}<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "C(OK)T(add {\"a\":1})T(add {\"a\":2})" },
        { "deepseek-v3.2", "", "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"get_weather\">\n<｜DSML｜parameter name=\"city\" string=\"true\">5</｜DSML｜parameter>\n<｜DSML｜parameter name=\"days\" string=\"false\">5</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>", "T(get_weather {\"city\":\"5\",\"days\":5})" },
        { "harmony", "<|start|>assistant", "<|channel|>analysis<|message|>Hm <|end|><|start|>assistant<|channel|>final<|message|>Hi there", "R(Hm)C(Hi there)" },
        { "harmony", "<|start|>assistant", "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|><|start|>assistant to=functions.get_weather<|channel|>commentary <|constrain|>json<|message|>{\"city\": \"Paris\"}<|call|>", "R(Hm)C(I look.)T(get_weather {\"city\":\"Paris\"})" },
        { "harmony", "<|start|>assistant", "<|channel|>commentary to=functions.add code<|message|>{\"a\": 1}", "T(add {\"a\":1})" },
        { "harmony", "<|start|>assistant", " to=functions.add<|channel|>commentary json<|message|>{}", "T(add {})" },
        { "harmony", "<|start|>assistant", "Plain text, to begin with", "C(Plain text, to begin with)" },
        { "granite", "", "<think>Hm</think><response>Hi</response>", "R(Hm)C(Hi)" },
        { "granite", "", "<|tool_call|>[{\"name\": \"add\", \"arguments\": {\"a\": 1}}, {\"name\": \"add\", \"arguments\": {}}]", "T(add {\"a\":1})T(add {})" },
        { "command-r7b", "", "<|START_THINKING|>Hm<|END_THINKING|><|START_RESPONSE|>Hi<|END_RESPONSE|>", "R(Hm)C(Hi)" },
        { "command-r7b", "", "<|START_THINKING|>Hm<|END_THINKING|><|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"add\", \"parameters\": {\"a\": 1}},\n    {\"tool_call_id\": \"1\", \"tool_name\": \"add\", \"parameters\": {}}\n]<|END_ACTION|>", "R(Hm)T(add {\"a\":1})T(add {})" },
        { "command-r", "", "Action: ```json\n[\n{\"tool_name\": \"add\", \"parameters\": {\"a\": 1}}\n]```", "T(add {\"a\":1})" },
        { "command-r", "", "Action: ```json\n[\n{\"tool_name\": \"directly_answer\", \"parameters\": {}}\n]```", "C(Action: ```json\n[\n{\"tool_name\": \"directly_answer\", \"parameters\": {}}\n]```)" },
        { "phi-4-mini", "", "<|tool_call|>[{\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":{\"a\":1}}}]<|/tool_call|>", "T(add {\"a\":1})" },
        { "firefunction", "", "I will. functools[{\"name\": \"add\", \"arguments\": {\"a\": 1}}]", "C(I will.)T(add {\"a\":1})" },
        { "firefunction", "", "Use functools.reduce", "C(Use functools.reduce)" },
        { "functionary-v3.1", "", "OK <function=get_weather>{\"city\": \"Paris\"}</function><function=add>{}</function>", "C(OK)T(get_weather {\"city\":\"Paris\"})T(add {})" },
        { "functionary-v3.2", ">>>", "all\nLet me look.\n>>>get_weather\n{\"city\": \"Paris\"}\n>>>add\n{}", "C(Let me look.)T(get_weather {\"city\":\"Paris\"})T(add {})" },
        { "functionary-v3.2", ">>>", "all\n2 >>> 1", "C(2 >>> 1)" },
        { "glm-4", "", "\n<think>Hm</think>\nOK\n<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>New York</arg_value>\n<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>\n<tool_call>add\n</tool_call>", "R(Hm)C(OK)T(get_weather {\"city\":\"New York\",\"days\":3})T(add {})" },
        { "kimi-k2", "", "OK<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{\"city\": \"Paris\"}<|tool_call_end|><|tool_call_begin|>functions.add:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>", "C(OK)T(get_weather#functions.get_weather:0 {\"city\":\"Paris\"})T(add#functions.add:1 {})" },
        { "minimax-m2", "<think>\n", "Hm\n</think>\n\n<minimax:tool_call>\n<invoke name=\"get_weather\">\n<parameter name=\"city\">San \"F\" <b></parameter>\n<parameter name=\"days\">2</parameter>\n</invoke>\n<invoke name=\"add\">\n</invoke>\n</minimax:tool_call>", "R(Hm)T(get_weather {\"city\":\"San \\\"F\\\" <b>\",\"days\":2})T(add {})" },
        { "nemotron", "", "<TOOLCALL>[{\"name\": \"add\", \"arguments\": {\"a\": 1}}]</TOOLCALL>", "T(add {\"a\":1})" },
        { "lfm2", "", "OK <|tool_call_start|>[get_weather(city=\"Par'is\", days=1.5, exact=True, tags=['a', {'b': None}]), add()]<|tool_call_end|>", "C(OK)T(get_weather {\"city\":\"Par'is\",\"days\":1.5,\"exact\":true,\"tags\":[\"a\",{\"b\":null}]})T(add {})" },
        { "gemma-4", "", "<|channel>thought\nHm\n<channel|><|tool_call>call:get_weather{city:<|\"|>Par, {is<|\"|>,days:3,tags:[<|\"|>a<|\"|>,1]}<tool_call|>", "R(Hm)T(get_weather {\"city\":\"Par, {is\",\"days\":3,\"tags\":[\"a\",1]})" },
        { "generic", "", "<think>Hm</think>OK\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}", "R(Hm)C(OK)T(add {\"a\":1})" },
        { "generic", "", "```json\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n```", "T(add {\"a\":1})" },
        { "generic", "", "```json\n{\"a\": 1}\n```\n[1, 2]", "C(```json\n{\"a\": 1}\n```\n[1, 2])" },
        { "generic", "", "<tool_call>\n{\"name\": \"new_tool\", \"arguments\": {}}\n</tool_call>", "T(new_tool {})" },
    };
}
