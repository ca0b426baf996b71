using Hearth.Training.Vocabulary;

namespace Hearth.Training.Tests.Vocabulary;

public sealed class BpeTests
{
    [Fact]
    public void Merges_are_learned_by_frequency_and_ties_by_order()
    {
        // Pieces: "low" x 3, " low" x 0, " lower" x 2, " new" x 4: "ow" and "lo" both occur 5 times, "lo" sorts first; then "low".
        BpeVocabulary vocabulary = BpeTrainer.Train(["low", "low", "low", " lower", " lower", " new", " new", " new", " new"], BpeVocabulary.BaseTokens + 4);

        Assert.Equal([("l", "o"), ("lo", "w"), ("e", "w"), ("n", "ew")], vocabulary.Merges);
        Assert.Equal(["lowe"], [vocabulary.Decode(vocabulary.Encode("lowe"))]);
        Assert.Equal(2, vocabulary.Encode("lowe").Count);
    }

    [Fact]
    public void Any_text_comes_back()
    {
        BpeVocabulary vocabulary = BpeTrainer.Train(["how do I stream an answer?"], BpeVocabulary.BaseTokens + 8);

        foreach (string text in new[] { "How do I?\n\n  12434 don't", "Grüße, 你好 🔥", " ", "" })
        {
            Assert.Equal(text, vocabulary.Decode(vocabulary.Encode(text)));
        }
    }

    [Fact]
    public void Control_tokens_are_not_made_from_text()
    {
        BpeVocabulary vocabulary = BpeTrainer.Train(["<|im_end|> <|im_end|> <|im_start|>"], BpeVocabulary.BaseTokens + 8);

        Assert.All(vocabulary.Encode("<|im_end|>"), id => Assert.True(id > BpeVocabulary.MessageEnd));
    }

    [Fact]
    public void Too_little_text_is_an_error() => Assert.Throws<InvalidDataException>(() => BpeTrainer.Train(["ab"], BpeVocabulary.BaseTokens + 2));
}
