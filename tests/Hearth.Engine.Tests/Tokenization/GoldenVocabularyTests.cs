using System.Globalization;
using Hearth.Engine.Tokenization;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Tokenization;

public sealed class GoldenVocabularyTests
{
    private const string Separator = "\n__ggml_vocab_test__\n";

    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (string name in (string[])["bert-bge", "gpt-2", "llama-bpe", "llama-spm", "phi-3", "starcoder"])
        {
            cases.Add(name, "gguf");
            cases.Add(name, "fuzz");
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ids_are_those_of_the_reference(string name, string suite)
    {
        Tokenizer tokenizer = TestVocabularies.Golden(name);
        string[] texts = File.ReadAllText(Golden.Path("vocab", $"{name}.{suite}.inp")).Split(Separator);
        string[] lines = File.ReadAllLines(Golden.Path("vocab", $"{name}.{suite}.out"));

        // One suite ends with a separator.
        Assert.True(texts.Length == lines.Length || (texts.Length == lines.Length + 1 && texts[^1].Length == 0));
        List<string> wrong = [];
        for (int i = 0; i < lines.Length; i++)
        {
            int[] expected = [.. lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id,
                CultureInfo.InvariantCulture))];
            List<int> actual = tokenizer.Encode(texts[i], addSpecial: false, parseSpecial: false);
            if (!actual.SequenceEqual(expected))
            {
                wrong.Add($"{i}: '{texts[i]}' expected {string.Join(' ', expected)} actual {string.Join(' ', actual)}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {lines.Length} differ:\n{string.Join('\n', wrong.Take(5))}");
    }

    [Theory]
    [InlineData("gpt-2", 300)]
    [InlineData("llama-bpe", 300)]
    [InlineData("llama-spm", 300)]
    [InlineData("phi-3", 300)]
    [InlineData("starcoder", 0)] // It has no tokens for some bytes, so not every text can be written.
    public void Decoding_gives_back_the_text(string name, int randomTexts)
    {
        Tokenizer tokenizer = TestVocabularies.Golden(name);
        string fuzz = File.ReadAllText(Golden.Path("vocab", $"{name}.fuzz.inp"));
        foreach (string text in fuzz.Split(Separator).Concat(RandomTexts.Many(seed: 7, randomTexts)))
        {
            Assert.Equal(text, tokenizer.DecodeText(tokenizer.Encode(text, addSpecial: false, parseSpecial: false), includeSpecial: false));
            Assert.Equal(text, tokenizer.DecodeText(tokenizer.Encode(text, addSpecial: true, parseSpecial: false), includeSpecial: false));
        }
    }
}
