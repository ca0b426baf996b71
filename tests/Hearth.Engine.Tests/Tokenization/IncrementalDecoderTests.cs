using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Tests.Tokenization;

public sealed class IncrementalDecoderTests
{
    private static readonly Tokenizer s_bytes = TestVocabularies.Bpe("gpt-2", [], [("<|end|>", 3)]);

    [Fact]
    public void A_character_is_held_back_until_it_is_complete()
    {
        IncrementalDecoder decoder = new(s_bytes);
        List<int> rocket = s_bytes.Encode("🚀é", addSpecial: false, parseSpecial: false);
        Assert.Equal(["", "", "", "🚀", "", "é"], rocket.Select(decoder.Append));
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void What_cannot_be_text_becomes_a_replacement_character()
    {
        IncrementalDecoder decoder = new(s_bytes);
        Assert.Equal("\uFFFD", decoder.Append(Byte(0xFF)));
        Assert.Equal("", decoder.Append(Byte(0xE2)));
        Assert.Equal("\uFFFDa", decoder.Append(Byte('a')));
        Assert.Equal("", decoder.Append(Byte(0xF0)));
        Assert.Equal("", decoder.Append(Byte(0x9F)));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("b", decoder.Append(Byte('b')));
    }

    [Fact]
    public void Special_tokens_are_shown_when_asked_for()
    {
        int end = s_bytes.FindToken("<|end|>")!.Value;
        Assert.Equal("", new IncrementalDecoder(s_bytes).Append(end));
        Assert.Equal("<|end|>", new IncrementalDecoder(s_bytes, includeSpecial: true).Append(end));
    }

    [Fact]
    public void The_pieces_are_the_whole_text()
    {
        Tokenizer tokenizer = TestVocabularies.Golden("llama-spm");
        foreach (string text in RandomTexts.Many(seed: 5, count: 300))
        {
            IncrementalDecoder decoder = new(tokenizer, atBeginning: true);
            string pieces = string.Concat(tokenizer.Encode(text, addSpecial: true, parseSpecial: false).Select(decoder.Append))
                + decoder.Flush();
            Assert.Equal(text, pieces);
        }
    }

    [Fact]
    public void An_answer_keeps_its_leading_space()
    {
        Tokenizer tokenizer = TestVocabularies.Golden("llama-spm");
        int hello = tokenizer.FindToken("\u2581Hello")!.Value;
        Assert.Equal(" Hello", new IncrementalDecoder(tokenizer).Append(hello));
        Assert.Equal("Hello", new IncrementalDecoder(tokenizer, atBeginning: true).Append(hello));
        Assert.Equal("Hello", tokenizer.DecodeText([1, hello], includeSpecial: false));
        Assert.Equal("<s>Hello", tokenizer.DecodeText([1, hello], includeSpecial: true));
    }

    private static int Byte(int value) => s_bytes.FindToken(value switch
    {
        0x9F => "\u0141",
        _ => ((char)value).ToString(),
    })!.Value;
}
