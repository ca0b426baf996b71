using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Tests.Tokenization;

public sealed class TokenizerTests
{
    [Fact]
    public void Spm_merges_the_highest_score_first_and_the_leftmost_on_a_tie()
    {
        Tokenizer tokenizer = TestVocabularies.Spm(
            [("a", -9, 1), ("b", -9, 1), ("ab", -2, 1), ("ba", -1, 1), ("aa", -3, 1)], ("add_space_prefix", false));
        Assert.Equal("a ba", Pieces(tokenizer, "aba"));
        Assert.Equal("aa a", Pieces(tokenizer, "aaa"));
        Assert.Equal("a ba b", Pieces(tokenizer, "abab"));
    }

    [Fact]
    public void Spm_writes_what_is_no_token_as_bytes()
    {
        Tokenizer tokenizer = TestVocabularies.Spm([("a", 0, 1)], ("add_space_prefix", false));
        Assert.Equal("a <0xC3> <0xA9>", Pieces(tokenizer, "aé"));
    }

    [Fact]
    public void Spm_puts_a_space_before_text_that_begins_or_follows_a_special_token()
    {
        Tokenizer tokenizer = TestVocabularies.Spm([("\u2581", 0, 1), ("x", 0, 1), ("<u>", 0, 4)]);
        Assert.Equal("<s> \u2581 x <u> \u2581 x", Pieces(tokenizer, "x<u>x", addSpecial: true));
        Assert.Equal("<u> \u2581 x", Pieces(tokenizer, "<u>x"));
        Assert.Equal("", Pieces(tokenizer, ""));
        Assert.Equal("<s>", Pieces(tokenizer, "", addSpecial: true));
    }

    [Fact]
    public void Phi3_special_tokens_take_the_white_space_after_them()
    {
        Tokenizer tokenizer = TestVocabularies.Spm([("\u2581", 0, 1), ("x", 0, 1), ("<|user|>", 0, 3)], ("general.name", "Phi3 mini"));
        int user = tokenizer.FindToken("<|user|>")!.Value, space = tokenizer.FindToken("\u2581")!.Value,
            x = tokenizer.FindToken("x")!.Value;
        Assert.Equal([user, space, x], tokenizer.Encode("<|user|> \n x", addSpecial: false, parseSpecial: true));
        Assert.Equal([1, space, space, x], tokenizer.Encode("<s> x", addSpecial: false, parseSpecial: true));
    }

    [Fact]
    public void Bpe_merges_by_rank_and_takes_whole_words_where_told_to()
    {
        string[] merges = ["b c", "a b", "ab c", "a bc"];
        Assert.Equal("a bc", Pieces(TestVocabularies.Bpe("gpt-2", ["b c", "a b"], []), "abc"));
        Assert.Equal("abc", Pieces(TestVocabularies.Bpe("gpt-2", ["b c", "a b", "a bc"], []), "abc"));
        Assert.Throws<TokenizerException>(() => TestVocabularies.Bpe("gpt-2", merges, []));
        Tokenizer whole = TestVocabularies.Bpe("llama-bpe", ["a b"], [("xyz", 1)]);
        Assert.Equal("xyz", Pieces(whole, "xyz"));
        Assert.Equal("x y z", Pieces(TestVocabularies.Bpe("qwen2", ["a b"], [("xyz", 1)]), "xyz"));
    }

    [Fact]
    public void Bpe_merges_through_symbols_that_are_no_tokens()
    {
        // "xy" and "xyz" are no tokens: the first still leads to "wxyz"; the second is written as its bytes.
        GgufMetadata metadata = TestVocabularies.Metadata("gpt2", ["w", "x", "y", "z", "wxy"], [1, 1, 1, 1, 1],
            ("pre", "gpt-2"), ("merges", (string[])["x y", "w xy", "wxy z"]));
        Tokenizer tokenizer = Tokenizer.Create(metadata);
        Assert.Equal("wxy", Pieces(tokenizer, "wxy"));
        Assert.Equal("x y", Pieces(tokenizer, "xy"));
        Assert.Equal("w x y z", Pieces(tokenizer, "wxyz"));
    }

    [Fact]
    public void Raw_bpe_escapes_spaces_and_falls_back_to_bytes()
    {
        string[] tokens = ["\u2581", "a", "\u2581a", "\n\n", "<0xC3>", "<0xA9>", "\n"];
        Tokenizer tokenizer = Tokenizer.Create(TestVocabularies.Metadata("gemma4", tokens, [1, 1, 1, 1, 6, 6, 1], ("merges",
            (string[])["\u2581 a"]),
            ("bos_token_id", 1), ("add_bos_token", false)));
        Assert.Equal("\u2581a \n\n \u2581 a <0xC3> <0xA9>".Replace("\u2581 a", "\u2581a", StringComparison.Ordinal), Pieces(tokenizer,
            " a\n\n aé"));
        Assert.True(tokenizer.Special.AddBos);
        Assert.Equal(" aé", tokenizer.DecodeText(tokenizer.Encode(" aé", addSpecial: false, parseSpecial: false), includeSpecial: false));
    }

    [Theory]
    [InlineData("Hello, WORLD", "[CLS] \u2581hello \u2581, \u2581world [SEP]", "hello, world")]
    [InlineData("Éclair", "[CLS] \u2581eclair [SEP]", "eclair")]
    [InlineData("worlds unknowable", "[CLS] \u2581world s [UNK] [SEP]", "worlds")]
    [InlineData("", "[CLS] [SEP]", "")]
    public void WordPiece(string text, string expected, string decoded)
    {
        string[] tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "\u2581hello", "\u2581,", "\u2581world", "s", "\u2581eclair"];
        Tokenizer tokenizer = Tokenizer.Create(TestVocabularies.Metadata("bert", tokens, [3, 2, 3, 3, 1, 1, 1, 1, 1],
            ("unknown_token_id", 1u), ("cls_token_id", 2u), ("seperator_token_id", 3u)));
        Assert.Equal("WPM", tokenizer.ModelKind);
        Assert.Equal(expected, Pieces(tokenizer, text, addSpecial: true));
        Assert.Equal(decoded, tokenizer.DecodeText(tokenizer.Encode(text, addSpecial: true, parseSpecial: false), includeSpecial: false));
    }

    [Theory]
    [InlineData("a ?b ' c 's 're 't", "a?b'c's're 't")]
    [InlineData("", "")]
    [InlineData(" .", ".")]
    public void Cleaning_removes_spaces_before_punctuation(string text, string expected) => Assert.Equal(expected, TextCleaner.Clean(text));

    [Fact]
    public void Ends_of_an_answer_are_known_by_key_and_by_text()
    {
        Tokenizer tokenizer = TestVocabularies.Bpe("gpt-2", [],
            [("<x>", 3), ("<|im_end|>", 1), ("<|file_sep|>", 3), ("<|fim_prefix|>", 3)], ("eos_token_id", 256));
        Assert.Equal([256, 257, 258], tokenizer.Special.EndOfGeneration.Order());
        Assert.Equal(256, tokenizer.Special.Eos);
        Assert.Equal(257, tokenizer.Special.Eot);
        Assert.Equal(259, tokenizer.Special.FimPrefix);
        Assert.True(tokenizer.IsControl(257));
    }

    [Fact]
    public void Harmony_ends_a_message_but_not_an_answer_with_its_end_token()
    {
        Tokenizer tokenizer = TestVocabularies.Bpe("gpt-4o", [], [("<|end|>", 3), ("<|return|>", 3), ("<|call|>", 3)], ("eos_token_id",
            257));
        Assert.Equal([257, 258], tokenizer.Special.EndOfGeneration.Order());
        Assert.False(tokenizer.IsControl(256));
    }

    [Fact]
    public void A_special_token_outside_the_vocabulary_is_none()
    {
        Tokenizer tokenizer = TestVocabularies.Bpe("gpt-2", [], [], ("eos_token_id", 100000), ("bos_token_id", uint.MaxValue),
            ("padding_token_id", -5));
        Assert.Equal(11, tokenizer.Special.Eos);
        Assert.Null(tokenizer.Special.Padding);
    }

    [Fact]
    public void A_model_without_vocabulary_counts_tokens_but_has_no_text()
    {
        Tokenizer tokenizer = Tokenizer.Create(GgufMetadata.FromPairs(new Dictionary<string, GgufValue>
        {
            ["general.architecture"] = "llama",
            ["tokenizer.ggml.model"] = "no_vocab",
            ["llama.vocab_size"] = 32,
        }));
        Assert.Equal(32, tokenizer.VocabularySize);
        Assert.Equal("NONE", tokenizer.ModelKind);
        Assert.Equal("", tokenizer.DecodeText([1, 2], includeSpecial: true));
        Assert.Equal(TokenizerErrorKind.NoVocabulary, Assert.Throws<TokenizerException>(() => tokenizer.Encode("x", false, false)).Kind);
    }

    private static string Pieces(Tokenizer tokenizer, string text, bool addSpecial = false) =>
        string.Join(' ', tokenizer.Encode(text, addSpecial, parseSpecial: false).Select(tokenizer.TokenText));
}
