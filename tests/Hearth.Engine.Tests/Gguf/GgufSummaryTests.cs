using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;

namespace Hearth.Tests.Gguf;

public sealed class GgufSummaryTests
{
    [Fact]
    public void A_quantised_model_is_described()
    {
        using GgufFile file = GgufFile.Open(Golden.Path("quantized", "llama-256-Q4_K_M.gguf"));

        GgufSummary summary = GgufSummary.Describe(file);

        Assert.Equal("llama", summary.Architecture);
        Assert.Equal("Q4_K_M", summary.FileType);
        Assert.False(summary.FileTypeIsGuessed);
        Assert.Equal(file.Tensors.Sum(tensor => tensor.Elements), summary.Parameters);
        Assert.Equal(file.Tensors.Sum(tensor => tensor.ByteLength) * 8.0 / summary.Parameters, summary.BitsPerWeight, 12);
        Assert.Contains(summary.TensorTypes, count => count.Type == TensorType.Q4_K);
        Assert.Equal(file.Tensors.Count, summary.TensorTypes.Sum(count => count.Count));
        Assert.Equal(256, summary.EmbeddingLength);
        Assert.Equal(file.FileLength, summary.FileLength);
        Assert.Equal(file.Metadata.Count, summary.Entries.Count);
    }

    [Fact]
    public void A_vocabulary_and_its_special_tokens_are_described()
    {
        using GgufFile file = GgufFile.Open(Golden.Path("vocab", "llama-spm.gguf"));

        GgufSummary summary = GgufSummary.Describe(file);

        Assert.Equal(32000, summary.VocabularySize);
        Assert.Equal("llama", summary.VocabularyKind);
        Assert.Contains(new GgufSpecialToken("bos", 1, "<s>"), summary.SpecialTokens);
        Assert.Contains(new GgufSpecialToken("eos", 2, "</s>"), summary.SpecialTokens);
        GgufEntry tokens = summary.Entries.Single(entry => entry.Key == "tokenizer.ggml.tokens");
        Assert.Equal("arr[str]", tokens.Type);
        Assert.EndsWith("... 32000 items]", tokens.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_file_does_not_say_is_null()
    {
        GgufMetadata metadata = GgufMetadata.FromPairs(
            [new("general.architecture", "x"), new("x.attention.head_count", new[] { 8, 4 }), new("x.block_count", "two")]);

        GgufSummary summary = GgufSummary.Describe(metadata, []);

        Assert.Equal("[8, 4]", summary.HeadCount);
        Assert.Null(summary.LayerCount);
        Assert.Null(summary.FileType);
        Assert.Equal(0, summary.BitsPerWeight);
        Assert.False(summary.HasChatTemplate);
    }

    [Theory]
    [InlineData(361_821_120, "361.82 M")]
    [InlineData(1_100_048_384, "1.10 B")]
    [InlineData(1_500_000_000_000, "1.50 T")]
    [InlineData(292_800, "292.80 K")]
    public void Parameters_are_printed_as_the_field_does(long parameters, string expected) =>
        Assert.Equal(expected, GgufSummary.FormatParameters(parameters));
}
