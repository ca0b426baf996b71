using Hearth.Engine.Output.Replies;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Output.Replies;

public sealed class ReplyFormatTests
{
    [Theory]
    [InlineData("CohereForAI-c4ai-command-r7b-12-2024-tool_use", "command-r7b", true)]
    [InlineData("GLM-4.6", "glm-4", true)]
    [InlineData("HuggingFaceTB-SmolLM3-3B", "generic", true)]
    [InlineData("Kimi-K2-Instruct", "kimi-k2", false)]
    [InlineData("LFM2-8B-A1B", "lfm2", false)]
    [InlineData("MiniMax-M2", "minimax-m2", true)]
    [InlineData("Mistral-Small-3.2-24B-Instruct-2506", "mistral", false)]
    [InlineData("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", "hermes", false)]
    [InlineData("Qwen-QwQ-32B", "hermes", true)]
    [InlineData("Qwen-Qwen2.5-7B-Instruct", "hermes", false)]
    [InlineData("Qwen-Qwen3-0.6B", "hermes", true)]
    [InlineData("Qwen3-Coder", "qwen3-coder", false)]
    [InlineData("deepseek-ai-DeepSeek-R1-Distill-Llama-8B", "deepseek", true)]
    [InlineData("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "deepseek", true)]
    [InlineData("deepseek-ai-DeepSeek-V3.1", "deepseek", true)]
    [InlineData("fireworks-ai-llama-3-firefunction-v2", "firefunction", false)]
    [InlineData("google-gemma-2-2b-it", "generic", false)]
    [InlineData("google-gemma-4-31B-it", "gemma-4", true)]
    [InlineData("ibm-granite-granite-3.3-2B-Instruct", "granite", true)]
    [InlineData("meetkai-functionary-medium-v3.1", "functionary-v3.1", false)]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct", "llama-3", false)]
    [InlineData("meta-llama-Llama-3.2-3B-Instruct", "llama-3", false)]
    [InlineData("microsoft-Phi-3.5-mini-instruct", "generic", false)]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407", "mistral", false)]
    [InlineData("openai-gpt-oss-120b", "harmony", true)]
    public void PublishedTemplate_HasItsFormat(string template, string expected, bool hasReasoning)
    {
        ReplyFormat format = ReplyFormat.Detect(File.ReadAllText(Golden.Path("templates", template + ".jinja")), _ => false);

        Assert.Equal((expected, hasReasoning), (format.Name, format.HasReasoning));
    }

    [Fact]
    public void Vocabulary_TellsOfReasoning_WhereTheTemplateDoesNot()
    {
        Assert.False(ReplyFormat.Detect("{{ messages }}", _ => false).HasReasoning);
        Assert.True(ReplyFormat.Detect("{{ messages }}", token => token is "<think>" or "</think>").HasReasoning);
    }

    [Fact]
    public void Model_ThatIsTaughtToCall_HasTheGenericFormat() =>
        Assert.Equal("generic", ReplyFormat.Detect("<think><｜tool▁calls▁begin｜>", _ => false, callsAreTaught: true).Name);
}
