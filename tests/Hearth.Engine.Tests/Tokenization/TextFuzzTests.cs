using System.Text;
using Hearth.Engine.Tokenization;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Tokenization;

/// <summary>Changed texts in every kind of vocabulary: ids that are there, with work in proportion to the text.</summary>
public sealed class TextFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private static readonly Tokenizer[] s_tokenizers = [.. ReferenceVocabularies.Sets.SelectMany(ReferenceVocabularies.Of).Select(item => Tokenizer.Create(item.Metadata))];

    private protected override FuzzTarget Target { get; } = new("text", Read)
    {
        // The vocabulary, and the text.
        Seeds = [.. Enumerable.Range(0, s_tokenizers.Length).SelectMany(index => ReferenceTexts.All.Where((_, text) => text % 16 == index % 16).Select(text => (byte[])[(byte)index, .. Encoding.UTF8.GetBytes(text)]))],
        Words = ["<|sep|>", "<u>", "<|ctl|>", "▁", "Ġ", " ", "  ", "\n\n", "'s", "'LL", "123", "<0x41>", "ACGTAC", "<dna>", "</dna>", "e\u0301", "\u0300\u0301\u0302", "한", "\u1100\u1161", "ﷺ", "𝔘", "👩‍👩‍👧", "İ", "\u00a0", "\u200d"],
        IsRefusal = null,
        Rounds = 800,
        MaxLength = 16 * 1024,
        AllocationBase = 1024 * 1024,
        // A byte that is no UTF-8 is three of them as text, and each may be a token.
        AllocationPerByte = 1024,
    };

    private static string Read(byte[] bytes)
    {
        Tokenizer tokenizer = s_tokenizers[bytes.ElementAtOrDefault(0) % s_tokenizers.Length];
        string text = Encoding.UTF8.GetString(bytes.AsSpan(Math.Min(1, bytes.Length)));
        List<int> tokens = tokenizer.Encode(text, addSpecial: true, parseSpecial: true);
        Assert.DoesNotContain(tokens, token => token < 0 || token >= tokenizer.VocabularySize);
        tokenizer.DecodeText(tokens, includeSpecial: true);
        tokenizer.Encode(text, out long operations);
        Assert.InRange(operations, 0, 64L * (text.Length + 64) * 3);
        return $"{tokenizer.Kind} {tokens.Count / (text.Length + 1.0):F1}";
    }
}
