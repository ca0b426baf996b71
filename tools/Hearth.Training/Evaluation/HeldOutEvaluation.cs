using Hearth.Training.Model;
using Hearth.Training.Text;
using Hearth.Training.Vocabulary;

namespace Hearth.Training.Evaluation;

/// <summary>Asks the held-out questions and counts the greedy answers that their intents accept.</summary>
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
    public static Result[] Run(
        ParameterLayout layout, float[] weights, BpeVocabulary vocabulary, IReadOnlyList<(Intent Intent, string Question)> questions)
    {
        var results = new Result[questions.Count];
        Parallel.ForEach(
            Enumerable.Range(0, Environment.ProcessorCount),
            worker =>
            {
                var transformer = new Transformer(layout, weights);
                var encoder = new ChatEncoder(new BpeVocabulary(vocabulary.Merges));
                for (int i = worker; i < questions.Count; i += Environment.ProcessorCount)
                {
                    (Intent intent, string question) = questions[i];
                    int[] prompt = encoder.EncodePrompt([new Message("user", question)]);
                    string answer = vocabulary.Decode(Complete(transformer, prompt, layout.Shape.Context));
                    results[i] = new Result(intent, question, answer, intent.Accepts(answer));
                }
            });
        return results;
    }

    /// <summary>The most likely continuation of a prompt, up to the end of the message.</summary>
    public static List<int> Complete(Transformer transformer, int[] prompt, int context)
    {
        List<int> tokens = [.. prompt];
        while (tokens.Count < Math.Min(context, prompt.Length + LongestAnswer))
        {
            // The last token is a target of nothing; a stand-in after it makes its row one whose logits are computed.
            var batch = new PackedBatch();
            var learned = new bool[tokens.Count + 1];
            learned[^1] = true;
            batch.Add([.. tokens, BpeVocabulary.EndOfText], learned);
            int next = IndexOfLargest(transformer.Forward(batch));
            if (next == BpeVocabulary.MessageEnd)
            {
                break;
            }

            tokens.Add(next);
        }

        return tokens[prompt.Length..];
    }

    private static int IndexOfLargest(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }
}
