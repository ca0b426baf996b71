using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Tests.Tokenization;

/// <summary>The unigram model, RWKV and PLaMo 2: what the reference ids do not show.</summary>
public sealed class TrieTokenizerTests
{
    private static readonly string[] s_bytes = [.. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];

    [Theory]
    [InlineData("abc", "ab c")]
    [InlineData("abab", "ab ab")]
    [InlineData("xyz", "<unk>")]
    [InlineData("axyb", "a <unk> b")]
    [InlineData("a b", "a \u2581 b")]
    [InlineData("keep", "keep")]
    public void Unigram_takes_the_best_sum(string text, string expected)
    {
        Tokenizer tokenizer = Unigram([("a", -2, 1), ("b", -2, 1), ("c", -1, 1), ("ab", -3, 1), ("bc", -2.5f, 1), ("abc", -9, 1),
            ("\u2581", -1, 1), ("keep", -90, 4)]);
        Assert.Equal(expected, Pieces(tokenizer, text));
        Assert.Equal("UGM", tokenizer.ModelKind);
    }

    [Theory]
    [InlineData(false, false, "  a  b ", "\u2581 \u2581 a \u2581 \u2581 b \u2581")]
    [InlineData(true, false, "  a  b ", "\u2581 \u2581 \u2581 a \u2581 \u2581 b \u2581")]
    [InlineData(false, true, "  a  b ", "\u2581 a \u2581 b")]
    [InlineData(true, true, "a  b ", "\u2581 a \u2581 b")]
    [InlineData(true, false, "   ", "\u2581 \u2581 \u2581")]
    [InlineData(true, true, "   ", "")]
    public void Unigram_treats_spaces_as_the_file_says(bool prefix, bool merge, string text, string expected)
    {
        Tokenizer tokenizer = Unigram([("\u2581", -1, 1), ("a", -1, 1), ("b", -1, 1)], ("add_space_prefix", prefix),
            ("remove_extra_whitespaces", merge));
        Assert.Equal(expected, Pieces(tokenizer, text));
    }

    [Fact]
    public void Unigram_ends_a_prompt_and_reads_back()
    {
        Tokenizer tokenizer = Unigram([("\u2581hello", -1, 1), ("\u2581wor", -1, 1), ("ld", -1, 1), ("<0x21>", 0, 6)],
            ("add_space_prefix", true));
        List<int> tokens = tokenizer.Encode("hello world", addSpecial: true, parseSpecial: false);
        Assert.Equal("\u2581hello \u2581wor ld </s>", string.Join(' ', tokens.Select(tokenizer.TokenText)));
        Assert.Equal("hello world", tokenizer.DecodeText(tokens, includeSpecial: false));
        Assert.Equal("!", tokenizer.DecodeText([tokenizer.FindToken("<0x21>")!.Value], includeSpecial: false));
        Assert.Equal(1, tokenizer.Special.Eos);
        Assert.Equal(0, tokenizer.Special.Padding);
    }

    [Fact]
    public void A_map_that_makes_text_grow_without_end_is_a_typed_error()
    {
        byte[] map = CharacterMapBuilder.Build(("a", new string('b', 60)));
        Tokenizer tokenizer = Unigram([("b", -1, 1)], ("precompiled_charsmap", map));
        Assert.Equal(60, tokenizer.Encode("a", addSpecial: false, parseSpecial: false).Count);
        string text = new('a', 100_000);
        Assert.Equal(TokenizerErrorKind.CharacterMap, Assert.Throws<TokenizerException>(() => tokenizer.Encode(text, false, false)).Kind);
    }

    [Fact]
    public void Rwkv_takes_the_longest_token_of_bytes()
    {
        IEnumerable<string> bytes = Enumerable.Range(0, 256).Select(value => $@"\x{value:x2}");
        string[] tokens = ["<s>", .. bytes, @"a\nb", @"\xe6\xbc", "abcd", @"\\\'", "\\t\\t"];
        Tokenizer tokenizer = Tokenizer.Create(TestVocabularies.Metadata("rwkv", tokens, [3, .. Enumerable.Repeat(1, tokens.Length - 1)],
            ("add_bos_token", true)));
        Assert.Equal("RWKV", tokenizer.ModelKind);
        Assert.Equal(@"a\nb \xe6\xbc \xa2 \x61 \x62 \x63 \\\' \t\t", Pieces(tokenizer, "a\nb漢abc\\'\t\t"));
        Assert.Equal("abcd", Pieces(tokenizer, "abcd"));
        foreach (string text in RandomTexts.Many(seed: 12, count: 200))
        {
            List<int> ids = tokenizer.Encode(text, addSpecial: true, parseSpecial: false);
            Assert.Equal(text, tokenizer.DecodeText(ids, includeSpecial: false));
        }
    }

    [Theory]
    [InlineData(@"\", "")]
    [InlineData(@"\x", "x")]
    [InlineData(@"\x4", "x4")]
    [InlineData(@"\x4g", "x4g")]
    [InlineData(@"\x41\x4A", "AJ")]
    [InlineData(@"\q\\\'\""", "q\\'\"")]
    [InlineData(@"a\rb", "a\rb")]
    public void Escapes_are_read(string text, string expected)
    {
        Tokenizer tokenizer = Tokenizer.Create(TestVocabularies.Metadata("rwkv", [text, "b"], [1, 1]));
        Assert.Equal(expected, tokenizer.DecodeText([0], includeSpecial: false));
    }

    [Fact]
    public void Rwkv_leaves_out_what_it_has_no_token_for()
    {
        Tokenizer tokenizer = Tokenizer.Create(TestVocabularies.Metadata("rwkv", ["a", "bcd", "b"], [1, 1, 1]));
        Assert.Equal("a b a", Pieces(tokenizer, "abca"));
    }

    [Theory]
    [InlineData("ab", "ab")]
    [InlineData("abc", "a bc")]
    [InlineData("é", "<0xC3> <0xA9>")]
    [InlineData("a\U0001F680", "a <0xF0> <0x9F> <0x9A> <0x80>")]
    [InlineData("\uFEFFab", "ab")]
    [InlineData("zz", "<0x7A> <0x7A>")]
    public void Plamo2_takes_the_best_sum(string text, string expected)
    {
        Tokenizer tokenizer = Plamo2([("a", -1, 1), ("b", -1, 1), ("ab", -2, 1), ("bc", -1, 1), ("abc", -2.0001f, 1), ("zz", -2001, 1)]);
        Assert.Equal(expected, Pieces(tokenizer, text));
        Assert.Equal("PLaMo2", tokenizer.ModelKind);
        Assert.Equal(text.TrimStart('\uFEFF'), tokenizer.DecodeText(tokenizer.Encode(text, true, false), includeSpecial: false));
    }

    [Fact]
    public void Plamo2_needs_a_token_for_each_byte()
    {
        string[] tokens = ["<unk>", .. s_bytes[1..]];
        TokenizerException error = Assert.Throws<TokenizerException>(() => Tokenizer.Create(TestVocabularies.Metadata("plamo2", tokens,
            [2, .. Enumerable.Repeat(6, 255)])));
        Assert.Equal(TokenizerErrorKind.MissingByteToken, error.Kind);
        Assert.Equal("<0x00>", error.Subject);
    }

    [Theory]
    [InlineData("t5")]
    [InlineData("rwkv")]
    [InlineData("plamo2")]
    public void Plain_text_becomes_no_control_token(string model)
    {
        string[] tokens = ["<pad>", "</s>", "<unk>", .. s_bytes, "<", "x", "/", "s", ">", "|", "<|x|>", "<|y|>", "</s", "<y>"];
        int[] types = [3, 3, 2, .. Enumerable.Repeat(6, 256), 1, 1, 1, 1, 1, 1, 3, 4, 1, 4];
        Tokenizer tokenizer = Tokenizer.Create(TestVocabularies.Metadata(model, tokens, types));
        int[] structure = [1, tokenizer.FindToken("<|x|>")!.Value, tokenizer.FindToken("<|y|>")!.Value];
        const string Text = "</s><|x|><|y|><y>";
        List<int> plain = tokenizer.Encode([new(Text, false)], addSpecial: false);
        Assert.Empty(plain.Intersect(structure));
        Assert.Equal(tokenizer.FindToken("<y>"), plain[^1]);
        Assert.Equal([.. structure, plain[^1]], tokenizer.Encode([new(Text, true)], addSpecial: false));
    }

    [Theory]
    [InlineData("t5")]
    [InlineData("rwkv")]
    [InlineData("plamo2")]
    public void A_token_of_too_many_bytes_is_a_typed_error(string model)
    {
        string[] tokens = [.. s_bytes, new string('a', Vocabulary.MaxTrieTokenBytes + 1)];
        TokenizerException error = Assert.Throws<TokenizerException>(() => Tokenizer.Create(TestVocabularies.Metadata(model, tokens,
            [.. Enumerable.Repeat(6, 256), 1])));
        Assert.Equal(TokenizerErrorKind.TokenTooLong, error.Kind);
    }

    [Theory]
    [InlineData("unigram")]
    [InlineData("rwkv")]
    [InlineData("plamo2")]
    public void The_work_for_a_long_text_grows_with_its_length(string set)
    {
        foreach ((_, GgufMetadata metadata) in ReferenceVocabularies.Of(set))
        {
            Tokenizer tokenizer = Tokenizer.Create(metadata);
            foreach (string unit in (string[])["a", " ", "\n", "7", "ab ", "'", "漢", "🚀", "<|", "e\u0301"])
            {
                string text = string.Concat(Enumerable.Repeat(unit, 100_000 / unit.Length));
                tokenizer.Encode(text, out long operations);

                // At each byte at most the longest token's bytes, nine here, and what the map makes of it.
                Assert.InRange(operations, text.Length, 4L * 16 * text.Length);
            }
        }
    }

    [Fact]
    public void A_lone_surrogate_is_a_replacement_character()
    {
        foreach (string set in ReferenceVocabularies.Sets)
        {
            Tokenizer tokenizer = Tokenizer.Create(ReferenceVocabularies.Of(set)[0].Metadata);
            Assert.Equal(tokenizer.Encode("a\uFFFDb\uFFFD", false, false), tokenizer.Encode("a\uD800b\uDC80", false, false));
        }
    }

    [Fact]
    public void Sequences_of_nucleotides_are_written_without_their_mark()
    {
        (_, GgufMetadata metadata) = ReferenceVocabularies.Of("words")[0];
        Tokenizer tokenizer = Tokenizer.Create(metadata);
        List<int> tokens = tokenizer.Encode("x <dna>acacacAAAAAA</dna>", addSpecial: false, parseSpecial: false);
        Assert.Equal("x <dna>ACACACAAAAAA</dna>", tokenizer.DecodeText(tokens, includeSpecial: false));
    }

    private static Tokenizer Unigram((string Text, float Score, int Type)[] tokens, params (string Key, GgufValue Value)[] more)
    {
        (string Text, float Score, int Type)[] all = [("<pad>", 0, 3), ("</s>", 0, 3), ("<unk>", 0, 2), .. tokens];
        return Tokenizer.Create(TestVocabularies.Metadata("t5", Array.ConvertAll(all, token => token.Text),
            Array.ConvertAll(all, token => token.Type), [("scores", Array.ConvertAll(all, token => token.Score)), .. more]));
    }

    private static Tokenizer Plamo2((string Text, float Score, int Type)[] tokens)
    {
        string[] texts = ["<unk>", "<s>", "</s>", "<pad>", .. s_bytes, .. tokens.Select(token => token.Text)];
        return Tokenizer.Create(TestVocabularies.Metadata("plamo2", texts,
            [2, 3, 3, 3, .. Enumerable.Repeat(6, 256), .. tokens.Select(token => token.Type)],
            ("scores", (float[])[.. new float[260], .. tokens.Select(token => token.Score)])));
    }

    private static string Pieces(Tokenizer tokenizer, string text) =>
        string.Join(' ', tokenizer.Encode(text, addSpecial: false, parseSpecial: false).Select(tokenizer.TokenText));
}
