using Hearth.Training.Numerics;
using Hearth.Training.Text;
using Hearth.Training.Vocabulary;

namespace Hearth.Training.Tests.Text;

public sealed class DialogueSamplerTests
{
    private static readonly GuideText s_text = GuideText.Load(GuideTextTests.Folder);

    [Fact]
    public void Dialogues_alternate_and_answer_with_the_intents_answers()
    {
        var sampler = new DialogueSampler(s_text);
        var random = new DeterministicRandom(4);
        HashSet<string> answers = [.. s_text.Intents.SelectMany(intent => intent.Answers)];
        List<Dialogue> dialogues = [.. Enumerable.Range(0, 500).Select(_ => sampler.Next(random))];

        Assert.All(dialogues, dialogue =>
        {
            Message[] turns = [.. dialogue.Messages.Where(message => message.Role != "system")];
            Assert.Equal(turns.Select((_, i) => i % 2 == 0 ? "user" : "assistant"), turns.Select(message => message.Role));
            Assert.All(turns.Where(message => message.Role == "assistant"), message => Assert.Contains(message.Content, answers));
        });
        Assert.Contains(dialogues, dialogue => dialogue.Messages[0].Role == "system");
        Assert.Contains(dialogues, dialogue => dialogue.Messages.Count > 4);
        Assert.True(dialogues.Select(dialogue => dialogue.Messages[^2].Content).Distinct().Count() > 400);
    }

    [Fact]
    public void Only_answers_and_their_ends_are_learned()
    {
        BpeVocabulary vocabulary = BpeTrainer.Train(["user assistant system"], BpeVocabulary.BaseTokens + 10);
        (int[] tokens, bool[] learned) = new ChatEncoder(vocabulary).Encode([new Message("user", "a?"), new Message("assistant", "b!")]);

        Assert.Equal([.. vocabulary.Encode("b!"), BpeVocabulary.MessageEnd], tokens.Where((_, i) => learned[i]));
        Assert.Equal("user\na?\nassistant\nb!\n", vocabulary.Decode(tokens));
        Assert.Equal([.. new ChatEncoder(vocabulary).EncodePrompt([new Message("user", "a?")])], tokens[..^4]);
    }
}
