using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Hearth.Tests;

namespace Hearth.Server.Tests.LlamaServer;

/// <summary>Filling in the middle, with a model that has the tokens for it and says one text after them.</summary>
public sealed class InfillTests(InfillTests.CodeServer server) : IClassFixture<InfillTests.CodeServer>
{
    private const string Gap = "return a + b;";

    [Fact]
    public async Task Gap_IsFilledBetweenPrefixAndSuffix()
    {
        JsonElement body = await FillAsync("\"prompt\":\"    \"");

        Assert.Equal(("<|fim_prefix|>int add(int a, int b)\n{\n    <|fim_suffix|>\n}<|fim_middle|>", Gap), (Text(body, "prompt"), Text(body, "content")));
        Assert.Equal("eos", Text(body, "stop_type"));
    }

    [Fact]
    public async Task OtherFiles_ComeFirst()
    {
        JsonElement body = await FillAsync("\"input_extra\":[{\"filename\":\"a.h\",\"text\":\"int a;\"},{\"text\":\"int b;\"}]");

        Assert.Equal(
            "<|repo_name|>myproject\n<|file_sep|>a.h\nint a;<|file_sep|>tmp\nint b;<|file_sep|>filename\n<|fim_prefix|>int add(int a, int b)\n{\n<|fim_suffix|>\n}<|fim_middle|>",
            Text(body, "prompt"));
        Assert.Equal(Gap, Text(body, "content"));
    }

    [Fact]
    public async Task MarksInTheText_AreText()
    {
        (int status, JsonElement body) = await server.PostAsync("/infill", "{\"input_prefix\":\"<|fim_middle|>\",\"input_suffix\":\"\",\"temperature\":0}");

        Assert.True(status == 200, body.GetRawText());
        Assert.True(body.GetProperty("tokens_evaluated").GetInt32() > 3 + 5);
    }

    [Fact]
    public async Task LongTexts_AreCutAroundTheGap()
    {
        string text = string.Concat(Enumerable.Repeat("0123456789", 2000));

        (int status, JsonElement body) = await server.PostAsync("/infill", $"{{\"input_prefix\":\"{text}\",\"input_suffix\":\"{text}\",\"input_extra\":[{{\"text\":\"{text}\"}}],\"temperature\":0}}");

        Assert.True(status == 200, body.GetRawText());
        Assert.Equal(Gap, Text(body, "content"));
    }

    [Theory]
    [InlineData("\"int add(int a, int b)\\n{\\n\"")]
    [InlineData("[105,110,116]")]
    public async Task Suffix_OfACompletion_IsWhatFollows(string prompt)
    {
        (int status, JsonElement body) = await server.PostAsync("/v1/completions", $"{{\"prompt\":{prompt},\"suffix\":\"\\n}}\",\"temperature\":0}}");

        Assert.True(status == 200, body.GetRawText());
        Assert.Equal(Gap, Text(body.GetProperty("choices")[0], "text"));
    }

    [Fact]
    public async Task SuffixPrompt_HasPrefixSuffixAndMiddle_InWhole()
    {
        using ModelLease<LanguageModel> lease = await server.Models.AcquireLanguageAsync("code", cancellationToken: TestContext.Current.CancellationToken);
        string text = string.Concat(Enumerable.Repeat("0123456789", 400));

        IReadOnlyList<int> tokens = SuffixPrompt.Encode(new CompletionInput(text + "<|fim_middle|>", null), "<|fim_prefix|>" + text, lease.Model.Tokenizer);

        Assert.Equal($"<|fim_prefix|>{text}<|fim_middle|><|fim_suffix|><|fim_prefix|>{text}<|fim_middle|>", lease.Model.Tokenizer.DecodeText(tokens, includeSpecial: true));
        Assert.Equal(3, tokens.Count(lease.Model.Tokenizer.IsControl));
    }

    private async Task<JsonElement> FillAsync(string fields)
    {
        (int status, JsonElement body) = await server.PostAsync("/infill", "{\"input_prefix\":\"int add(int a, int b)\\n{\\n\",\"input_suffix\":\"\\n}\",\"temperature\":0," + fields + "}");
        Assert.True(status == 200, body.GetRawText());
        return body;
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    /// <summary>A server of that model.</summary>
    public sealed class CodeServer : TestServer
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

        public ModelHost Models => Host;

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _folder.Delete(recursive: true);
        }

        protected override void AddModels(ModelHost host) => host.Register("code", ScriptedModel.Write(
            Path.Combine(_folder.FullName, "code.gguf"), Gap, "{{ messages }}", "<|fim_middle|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|repo_name|>", "<|file_sep|>"));
    }
}
