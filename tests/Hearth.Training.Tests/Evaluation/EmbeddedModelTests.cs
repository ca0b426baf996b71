using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;
using Hearth.Tests;
using Hearth.Training.Model;
using Hearth.Training.Tests.Text;
using Hearth.Training.Text;
using Hearth.Training.Vocabulary;

namespace Hearth.Training.Tests.Evaluation;

/// <summary>The committed model file.</summary>
public sealed class EmbeddedModelTests
{
    private const int LargestFile = 4_000_000;

    private static readonly string s_path = Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf");

    [Fact]
    public void The_model_is_a_small_llama_with_a_chat_template()
    {
        using GgufFile file = GgufFile.Open(s_path);

        Assert.InRange(new FileInfo(s_path).Length, 1, LargestFile);
        Assert.Equal("llama", file.Metadata.GetString("general.architecture"));
        Assert.Equal(ChatEncoder.Template, file.Metadata.GetString("tokenizer.chat_template"));
        Assert.Equal("apache-2.0", file.Metadata.GetString("general.license"));
    }

    [Fact]
    public void The_engine_makes_the_tokens_that_the_model_was_trained_on()
    {
        GuideText text = GuideText.Load(GuideTextTests.Folder);
        (_, _, BpeVocabulary vocabulary) = GuideFile.Load(s_path);
        using GgufFile file = GgufFile.Open(s_path);
        Tokenizer tokenizer = Tokenizer.Create(file.Metadata);
        foreach (string sentence in text.Intents.SelectMany(intent => intent.Answers).Concat(text.HeldOut.Select(pair => pair.Question)))
        {
            Assert.Equal(vocabulary.Encode(sentence), tokenizer.Encode(sentence, addSpecial: true, parseSpecial: false));
        }

        const string Prompt = "<|im_start|>user\nHow do I stream an answer?<|im_end|>\n<|im_start|>assistant\n";
        Assert.Equal(
            new ChatEncoder(vocabulary).EncodePrompt([new Message("user", "How do I stream an answer?")]),
            tokenizer.Encode(Prompt, addSpecial: true, parseSpecial: true));
        Assert.True(tokenizer.IsEndOfGeneration(BpeVocabulary.MessageEnd));
    }
}
