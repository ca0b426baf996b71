using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;
using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tests.Tokenization;

public sealed class HostileVocabularyTests
{
    private const int Million = 1_000_000;

    public static TheoryData<string, TokenizerErrorKind> Broken() => new()
    {
        { "no model", TokenizerErrorKind.MissingKey },
        { "no tokens", TokenizerErrorKind.MissingKey },
        { "empty", TokenizerErrorKind.VocabularySize },
        { "no merges", TokenizerErrorKind.MissingKey },
        { "unknown model", TokenizerErrorKind.UnknownModel },
        { "few types", TokenizerErrorKind.LengthMismatch },
        { "many scores", TokenizerErrorKind.LengthMismatch },
        { "duplicate", TokenizerErrorKind.DuplicateToken },
        { "duplicate special", TokenizerErrorKind.DuplicateToken },
        { "megabyte", TokenizerErrorKind.TokenTooLong },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_vocabulary_is_a_typed_error(string what, TokenizerErrorKind expected)
    {
        Dictionary<string, GgufValue> pairs = TestVocabularies.Metadata("gpt2", ["a", "b"], [1, 1], ("pre", "gpt-2"), ("merges",
            Array.Empty<string>())).ToDictionary();
        switch (what)
        {
            case "no model": pairs.Remove("tokenizer.ggml.model"); break;
            case "no tokens": pairs.Remove("tokenizer.ggml.tokens"); break;
            case "empty": pairs["tokenizer.ggml.tokens"] = Array.Empty<string>(); break;
            case "no merges": pairs.Remove("tokenizer.ggml.merges"); break;
            case "unknown model": pairs["tokenizer.ggml.model"] = "abacus"; break;
            case "few types": pairs["tokenizer.ggml.token_type"] = (int[])[1]; break;
            case "many scores": pairs["tokenizer.ggml.scores"] = (float[])[1, 2, 3]; break;
            case "duplicate": pairs["tokenizer.ggml.tokens"] = (string[])["a", "a"]; break;
            case "duplicate special":
                pairs["tokenizer.ggml.tokens"] = (string[])["<|x|>", "<|x|>"];
                pairs["tokenizer.ggml.token_type"] = (int[])[3, 3];
                break;
            default: pairs["tokenizer.ggml.tokens"] = (string[])["a", new string('b', Million)]; break;
        }

        TokenizerException error = Assert.Throws<TokenizerException>(() => Tokenizer.Create(GgufMetadata.FromPairs(pairs)));
        Assert.Equal(expected, error.Kind);
        Assert.True(error.Message.Length < 2000);
    }

    [Fact]
    public void Odd_tokens_and_merges_do_no_harm()
    {
        string[] tokens = ["a", "", "b", "\uDC80", "ab", " ", "<0xZZ>", "\u2581x", ""];
        Tokenizer tokenizer = Tokenizer.Create(TestVocabularies.Metadata("gpt2", tokens, [1, 1, 1, 1, 1, 4, 6, 99, 3], ("pre", "gpt-2"),
            ("merges", (string[])["", " ", "a", "a b", "a b", "  ", "q r", "漢 字", "a b c", "\uDC80 a", "ab a"])));
        Assert.Equal([4], tokenizer.Encode("ab", addSpecial: false, parseSpecial: false));
        Assert.Equal([0, 5, 0], tokenizer.Encode("a a", addSpecial: true, parseSpecial: true));
        Assert.Equal("[EMPTY_1]", tokenizer.TokenText(1));
        Assert.Equal([0x80], tokenizer.TokenBytes(3).ToArray());
        Assert.Equal("\uFFFD", tokenizer.DecodeText([3], includeSpecial: false));
        Assert.Empty(tokenizer.TokenBytes(7).ToArray());
        Assert.Throws<TokenizerException>(() => tokenizer.TokenBytes(9));
        Assert.Throws<TokenizerException>(() => tokenizer.DecodeText([-1], includeSpecial: false));
    }

    [Fact]
    public void Scores_that_are_no_numbers_do_no_harm()
    {
        Tokenizer tokenizer = TestVocabularies.Spm(
            [("a", float.NaN, 1), ("aa", float.NaN, 1), ("aaa", float.NegativeInfinity, 1), ("aaaa", float.PositiveInfinity, 1)],
                ("add_space_prefix", false));
        string text = new('a', 1001);
        Assert.Equal(text, tokenizer.DecodeText(tokenizer.Encode(text, addSpecial: false, parseSpecial: false), includeSpecial: false));
    }

    [Theory]
    [InlineData("llama-spm")]
    [InlineData("llama-bpe")]
    [InlineData("gpt-2")]
    [InlineData("bert-bge")]
    public void The_work_for_a_long_text_grows_with_its_length(string name)
    {
        Tokenizer tokenizer = TestVocabularies.Golden(name);
        foreach (string unit in (string[])["a", " ", "\n", "7", "ab ", "'", "漢", "🚀", "<|", "A"])
        {
            string text = string.Concat(Enumerable.Repeat(unit, Million / 4 / unit.Length));
            tokenizer.Encode(text, out long operations);

            // Each merge looks at two new pairs, and there are fewer merges than bytes.
            Assert.InRange(operations, 0, 3L * 4 * text.Length);
        }
    }

    [Theory]
    [InlineData("jais-2")]
    [InlineData("superbpe")]
    [InlineData("deepseek-llm")]
    [InlineData("tekken")]
    [InlineData("deepseek-v3")]
    public void Long_runs_are_split_in_one_pass(string pre)
    {
        // What these expressions cost when they are run by backtracking is the square of this.
        Tokenizer tokenizer = TestVocabularies.Bpe(pre, [], []);
        foreach (string unit in (string[])[" ", "7", "A", "a", "\n ", "-"])
        {
            string text = string.Concat(Enumerable.Repeat(unit, Million / 4 / unit.Length)) + "x";
            Assert.Equal(text.Length, tokenizer.Encode(text, addSpecial: false, parseSpecial: false).Count);
        }
    }

    [Fact]
    public void Many_nested_special_tokens_in_a_long_text_are_found()
    {
        (string Text, int Type)[] specials = [.. Enumerable.Range(2, 100).Select(length => (new string(' ', length), 4))];
        Tokenizer tokenizer = TestVocabularies.Bpe("gpt-2", [], specials);
        List<int> tokens = tokenizer.Encode(new string(' ', Million), addSpecial: false, parseSpecial: true);
        Assert.Equal((Million / 101) + 1, tokens.Count);
    }

    [Theory]
    [InlineData(0x41, (int)CharacterClass.Letter)]
    [InlineData(0x85, (int)(CharacterClass.Control | CharacterClass.WhiteSpace))]
    [InlineData(0x200B, (int)CharacterClass.Control)]
    [InlineData(0x3000, (int)(CharacterClass.Separator | CharacterClass.WhiteSpace))]
    [InlineData(0x1D7D8, (int)CharacterClass.Number)]
    [InlineData(0x20000, (int)CharacterClass.Letter)]
    [InlineData(0x2FFFF, (int)CharacterClass.Undefined)]
    [InlineData(0x10FFFD, (int)CharacterClass.Control)]
    [InlineData(0x110000, (int)CharacterClass.Undefined)]
    [InlineData(0x1C89, (int)CharacterClass.Undefined)] // A letter since Unicode 16.
    public void Classes_of_code_points(int codePoint, int expected) => Assert.Equal((CharacterClass)expected,
        UnicodeData.ClassOf(codePoint));

    [Theory]
    [InlineData('é', 'e')]
    [InlineData('Å', 'A')]
    [InlineData('ệ', 'e')]
    [InlineData(0xAC01, 0x1100)]
    [InlineData(0xD7A3, 0x1112)]
    [InlineData('ß', 'ß')]
    [InlineData(0x2F800, 0x4E3D)]
    public void Decompositions(int codePoint, int expected) => Assert.Equal(expected, UnicodeData.FirstOfDecomposition(codePoint));
}
