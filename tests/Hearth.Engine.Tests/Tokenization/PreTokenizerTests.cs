using Hearth.Engine.Tokenization;
using Hearth.Engine.Tokenization.PreTokenization;
using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tests.Tokenization;

public sealed class PreTokenizerTests
{
    public static TheoryData<string> Expressions() => [.. ReferenceExpressions.ByName.Keys];

    public static TheoryData<string> Names() => [.. PreTokenizers.Names];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Words_are_those_of_the_expression(string name)
    {
        PreTokenizer preTokenizer = PreTokenizers.Get(name);
        foreach (string sample in RandomTexts.Many(seed: name.Length, count: 1500))
        {
            CodePointText text = Text(sample);
            Assert.Equal(ReferenceExpressions.Split(name, text), preTokenizer.Split(text, [], []));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_known_name_makes_a_tokenizer_that_loses_nothing(string name)
    {
        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];
        bool raw = PreTokenizers.Get(name).RawUtf8;
        Tokenizer tokenizer = raw
            ? Tokenizer.Create(TestVocabularies.Metadata("gpt2", bytes, [.. Enumerable.Repeat(6, 256)], ("pre", name), ("merges",
                Array.Empty<string>())))
            : TestVocabularies.Bpe(name, ["h e", "l l", "he ll", "Ġ Ġ"], []);
        foreach (string sample in RandomTexts.Many(seed: 3, count: 200))
        {
            // With spaces escaped, a bar that stands for one is written as bytes, and stays.
            string expected = PreTokenizers.Get(name).EscapeSpaces ? sample.Replace(' ', '\u2581') : sample;
            Assert.Equal(expected, tokenizer.DecodeText(tokenizer.Encode(sample, addSpecial: false, parseSpecial: false),
                includeSpecial: false));
        }
    }

    [Theory]
    [InlineData("kimi-k2", "漢字Hello世界's don't 1234", "漢字|Hello|世界|'s| don't| |123|4")]
    [InlineData("afmoe", "a1234567 b", "a|1|234|567| b")]
    [InlineData("tiny_aya", "x 12 123456", "x| |12| |123|456")]
    [InlineData("deepseek-llm", "Привет мир  ", "Привет| мир|  ")]
    [InlineData("gpt-4o", "HTTPServer's ÀBC", "HTTPServer's| À|BC")]
    [InlineData("llama-bpe", "I'LL 12345  x\n\n y", "I|'LL| |123|45| | x|\n\n| y")]
    public void Words(string name, string text, string expected)
    {
        CodePointText points = Text(text);
        List<string> words = [];
        int start = 0;
        foreach (int end in PreTokenizers.Get(name).Split(points, [], []))
        {
            words.Add(string.Concat(points.CodePoints[start..end].ToArray().Select(char.ConvertFromUtf32)));
            start = end;
        }

        Assert.Equal(expected, string.Join('|', words));
    }

    [Fact]
    public void An_unknown_name_is_an_error_that_lists_the_known_ones()
    {
        TokenizerException error = Assert.Throws<TokenizerException>(() => TestVocabularies.Bpe("qwen99", [], []));
        Assert.Equal(TokenizerErrorKind.UnknownPreTokenizer, error.Kind);
        Assert.Contains("'qwen99'", error.Message, StringComparison.Ordinal);
        Assert.Contains("qwen2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_name_is_the_default_with_a_warning()
    {
        Tokenizer tokenizer = TestVocabularies.Bpe("", [], []);
        Assert.Contains("tokenizer.ggml.pre", Assert.Single(tokenizer.Warnings), StringComparison.Ordinal);
    }

    private static CodePointText Text(string text)
    {
        CodePointText points = new();
        points.Set(text);
        return points;
    }
}
