using System.Text;
using System.Text.Json.Nodes;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;
using Hearth.Training.Text;

namespace Hearth.Training.Evaluation;

/// <summary>
/// Asks the held-out questions with the engine, as <c>hearth run</c> would, and counts the most likely answers that their intents accept.
/// </summary>
internal static class HeldOutEvaluation
{
    private const int LongestAnswer = 128;

    /// <summary>One question, the answer given, and whether it counts.</summary>
    /// <param name="Intent">What was asked.</param>
    /// <param name="Question">The wording.</param>
    /// <param name="Answer">What the model said.</param>
    /// <param name="Correct">Whether the intent accepts it.</param>
    internal sealed record Result(Intent Intent, string Question, string Answer, bool Correct);

    /// <summary>Answers every question, in their order.</summary>
    public static async Task<IReadOnlyList<Result>> RunAsync(
        LanguageModel model, IEnumerable<(Intent Intent, string Question)> questions, CancellationToken cancellationToken)
    {
        List<Result> results = [];
        foreach ((Intent intent, string question) in questions)
        {
            string answer = await AnswerAsync(model, [new Message("user", question)], cancellationToken);
            results.Add(new Result(intent, question, answer, intent.Accepts(answer)));
        }

        return results;
    }

    /// <summary>The tokens of a prompt for the assistant's next message, by the template of the file.</summary>
    public static List<int> Encode(LanguageModel model, IEnumerable<Message> messages)
    {
        JsonArray list = [.. messages.Select(message => new JsonObject { ["role"] = message.Role, ["content"] = message.Content })];
        PromptSegment[] segments =
        [
            .. model.ChatTemplate.RenderSegments(new JsonObject { ["messages"] = list, ["add_generation_prompt"] = true })
                .Select(segment => new PromptSegment(segment.Text, segment.FromTemplate)),
        ];
        return model.Tokenizer.Encode(segments, addSpecial: true);
    }

    /// <summary>The most likely answer in a chat.</summary>
    public static async Task<string> AnswerAsync(LanguageModel model, IEnumerable<Message> messages, CancellationToken cancellationToken)
    {
        var request = new GenerationRequest
        {
            Prompt = Encode(model, messages),
            MaxTokens = LongestAnswer,
            Sampling = new SamplingOptions { Temperature = 0 },
        };
        var answer = new StringBuilder();
        await foreach (GenerationEvent generated in model.GenerateAsync(request, cancellationToken))
        {
            if (generated is TextDelta delta)
            {
                answer.Append(delta.Text);
            }
        }

        return answer.ToString();
    }
}
