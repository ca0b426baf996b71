using Hearth.Engine.Scheduling;
using Hearth.Tests;
using Hearth.Training.Evaluation;
using Hearth.Training.Model;
using Hearth.Training.Tests.Text;
using Hearth.Training.Text;
using Hearth.Training.Vocabulary;

namespace Hearth.Training.Tests.Evaluation;

/// <summary>The committed model file, in the engine.</summary>
public sealed class EmbeddedModelTests : IDisposable
{
    private const int LargestFile = 4_000_000;

    private static readonly string s_path = Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf");
    private readonly GuideText _text = GuideText.Load(GuideTextTests.Folder);
    private readonly LanguageModel _model = LanguageModel.Load(s_path);

    [Fact]
    public void The_model_is_a_small_llama_with_a_chat_template()
    {
        Assert.InRange(new FileInfo(s_path).Length, 1, LargestFile);
        Assert.Equal("llama", _model.Metadata.GetString("general.architecture"));
        Assert.Equal(ChatEncoder.Template, _model.Metadata.GetString("tokenizer.chat_template"));
        Assert.Equal("apache-2.0", _model.Metadata.GetString("general.license"));
    }

    [Fact]
    public void The_engine_makes_the_tokens_that_the_model_was_trained_on()
    {
        (_, _, BpeVocabulary vocabulary) = GuideFile.Load(s_path);
        foreach (string sentence in _text.Intents.SelectMany(intent => intent.Answers).Concat(_text.HeldOut.Select(pair => pair.Question)))
        {
            Assert.Equal(vocabulary.Encode(sentence), _model.Tokenizer.Encode(sentence, addSpecial: true, parseSpecial: false));
        }

        Message[] chat = [new("system", "Be brief."), new("user", "Hi!"), new("assistant", "Hello!"), new("user", "How do I stream an answer?")];
        Assert.Equal(new ChatEncoder(vocabulary).EncodePrompt(chat), HeldOutEvaluation.Encode(_model, chat));
        Assert.True(_model.Tokenizer.IsEndOfGeneration(BpeVocabulary.MessageEnd));
    }

    [Fact]
    public async Task Four_of_five_held_out_questions_are_answered()
    {
        IReadOnlyList<HeldOutEvaluation.Result> results =
            await HeldOutEvaluation.RunAsync(_model, _text.HeldOut, TestContext.Current.CancellationToken);

        string wrong = string.Join('\n', results.Where(result => !result.Correct).Select(result => $"{result.Question} -> {result.Answer}"));
        Assert.True(results.Count(result => result.Correct) >= 0.80 * results.Count, wrong);
    }

    [Fact]
    public async Task A_chat_goes_on()
    {
        string answer = await HeldOutEvaluation.AnswerAsync(
            _model,
            [new("user", "Hello"), new("assistant", "Hello! I am guide, a small model that knows about Hearth. What would you like to know?"), new("user", "How do I stream an answer?")],
            TestContext.Current.CancellationToken);

        Assert.True(_text.Intents.Single(intent => intent.Name == "api.stream").Accepts(answer), answer);
    }

    public void Dispose() => _model.Dispose();
}
