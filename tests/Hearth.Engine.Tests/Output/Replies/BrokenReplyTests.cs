using Hearth.Engine.Output.Replies;

namespace Hearth.Engine.Tests.Output.Replies;

/// <summary>What is no call is text, all of it.</summary>
public sealed class BrokenReplyTests
{
    [Theory]
    [InlineData("hermes", "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1")]
    [InlineData("hermes", "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1,,}}</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"name\": \"add\", \"arguments\": {'a': 1}}</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"name\": 5, \"arguments\": {}}</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"name\": \"two words\", \"arguments\": {}}</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"name\": \"add\", \"arguments\": [1]}</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"name\": \"add\", \"arguments\": \"not JSON\"}</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": \"\\ud800\"}}</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": \"\\udd99\"}}</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": \"\\ud83e\\n\"}}</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 01}}</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"arguments\": {}}</tool_call>")]
    [InlineData("hermes", "<tool_call></tool_call>")]
    [InlineData("hermes", "<tool_call> \n ")]
    [InlineData("hermes", "<tool_call>[]</tool_call>")]
    [InlineData("hermes", "<tool_call>I will call a tool</tool_call>")]
    [InlineData("qwen3-coder", "<tool_call><function=add><parameter=a>1")]
    [InlineData("qwen3-coder", "<tool_call><function=add>")]
    [InlineData("qwen3-coder", "<tool_call>add(1, 2)</tool_call>")]
    [InlineData("llama-3", "<|python_tag|>print(1)")]
    [InlineData("mistral", "[TOOL_CALLS]add[ARGS]{\"a\": ")]
    [InlineData("mistral", "[TOOL_CALLS] what now?")]
    [InlineData("mistral", "[TOOL_CALLS][{\"name\": \"add\"")]
    [InlineData("deepseek", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\nx\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>")]
    [InlineData("deepseek", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add")]
    [InlineData("kimi-k2", "<|tool_calls_section_begin|><|tool_call_begin|>functions.add:0{\"a\": 1}<|tool_call_end|>")]
    [InlineData("glm-4", "<tool_call>add\n<arg_key>a</arg_key>\n<arg_value>1")]
    [InlineData("glm-4", "<tool_call>some text that is no call")]
    [InlineData("minimax-m2", "<minimax:tool_call><invoke name=\"add\"><parameter a>1</parameter></invoke></minimax:tool_call>")]
    [InlineData("command-r7b", "<|START_ACTION|>[{\"tool_name\": }]<|END_ACTION|>")]
    [InlineData("lfm2", "<|tool_call_start|>[add(1)]<|tool_call_end|>")]
    [InlineData("lfm2", "<|tool_call_start|>[add(a=__import__('os'))]<|tool_call_end|>")]
    [InlineData("gemma-4", "<|tool_call>call:add{a:x y z}<tool_call|>")]
    [InlineData("functionary-v3.1", "<function=add>{\"a\": 1")]
    public void BrokenCall_IsText(string name, string reply)
    {
        ReplyFormat format = ReplyScripts.Format(name);

        Assert.Equal($"C({reply})", ReplyRun.Whole(format, ReplyRun.Options, reply));
        Assert.Equal($"C({reply})", ReplyRun.Characters(format, ReplyRun.Options, reply));
    }

    [Theory]
    [InlineData("hermes", "<tool_call>{oops}</tool_call>\n<tool_call>{\"name\": \"add\"}</tool_call>", "C(<tool_call>{oops}</tool_call>)T(add {})")]
    [InlineData("hermes", "<tool_call><tool_call>{\"name\": \"add\"}</tool_call>", "C(<tool_call>)T(add {})")]
    [InlineData("granite", "<|tool_call|>[{\"name\": \"add\", \"arguments\": {}}, oops]", "T(add {})C(, oops])")]
    [InlineData("hermes", "<tool_call>{\"name\": \"add\"} and more", "T(add {})C(and more)")]
    [InlineData("harmony", "<|channel|>commentary to=functions.add<|message|>{\"a\": <|call|>", "C({\"a\":)")]
    [InlineData("harmony", "<|start|>assistant<|channel|>analysis", "C(<|start|>assistant<|channel|>analysis)")]
    public void WhatIsSound_IsKept(string name, string reply, string expected)
    {
        ReplyFormat format = ReplyScripts.Format(name);

        Assert.Equal(expected, ReplyRun.Whole(format, ReplyRun.Options, reply));
        Assert.Equal(expected, ReplyRun.Characters(format, ReplyRun.Options, reply));
    }

    [Fact]
    public void UnknownTool_IsCalled_WhereAMarkSaysThatItIsACall() => Assert.Equal(
        "T(no_such_tool {})", ReplyRun.Whole(ReplyScripts.Format("hermes"), ReplyRun.Options, "<tool_call>{\"name\": \"no_such_tool\"}</tool_call>"));

    [Theory]
    [InlineData("<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1", "B(add {\"a\": 1)")]
    [InlineData("<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": oops}}</tool_call>", "B(add {\"a\": )C(oops}}</tool_call>)")]
    public void EarlyArgumentsThatBreakOff_EndTheCallIncomplete(string reply, string expected)
    {
        ReplyOptions options = ReplyRun.Options with { EarlyArguments = true };

        Assert.Equal(expected, ReplyRun.Whole(ReplyScripts.Format("hermes"), options, reply));
        Assert.Equal(expected, ReplyRun.Characters(ReplyScripts.Format("hermes"), options, reply));
    }

    [Fact]
    public void ManyBrokenCalls_AreReadInBoundedTime()
    {
        string reply = string.Concat(Enumerable.Repeat("<tool_call>x\n<arg_key>", 20_000));

        Assert.Equal($"C({reply})", ReplyRun.Pieces(ReplyScripts.Format("glm-4"), ReplyRun.Options, reply, seed: 1));
    }

    [Fact]
    public void DeepArguments_AreText()
    {
        string reply = $"<tool_call>{{\"name\": \"add\", \"arguments\": {{\"a\": {new string('[', 5000)}";

        Assert.Equal($"C({reply})", ReplyRun.Whole(ReplyScripts.Format("hermes"), ReplyRun.Options, reply));
    }
}
