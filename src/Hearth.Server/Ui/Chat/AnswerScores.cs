using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.Logging;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Ui.Chat;

/// <summary>Asks a model how sure it is of an answer that is there already, by letting it read the answer as a prompt.</summary>
/// <param name="host">The models.</param>
/// <param name="journal">Where it is remembered for a while.</param>
internal sealed class AnswerScores(ModelHost host, RequestJournal journal)
{
    /// <summary>Finds the tokens of an answer's text, with their probabilities.</summary>
    /// <param name="body">The request for the answer, in OpenAI's words.</param>
    /// <param name="node">The answer.</param>
    /// <param name="key">Whose request it is.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ApiException">The text is not what the model wrote, or the model cannot be asked.</exception>
    public async Task<IReadOnlyList<TokenChoice>> ReadAsync(JsonObject body, ChatNode node, PageKey key, CancellationToken cancellationToken)
    {
        IReadOnlyList<TokenChoice> tokens = [];
        await PageRequest.RunAsync(host, journal, key, async () => tokens = await ScoreAsync(body, node, cancellationToken));
        return tokens;
    }

    private async Task<IReadOnlyList<TokenChoice>> ScoreAsync(JsonObject body, ChatNode node, CancellationToken cancellationToken)
    {
        AnswerStart text = AnswerStart.UpToTextOf(node)
            ?? throw ApiException.Invalid("The text of this answer is not as the model wrote it, so its tokens are not known.", null, "invalid_value");
        ChatRequest request = ChatRequest.Read(JsonSerializer.SerializeToElement(body, ChatJson.Default.JsonObject), host);
        using ModelLease<LanguageModel> lease = await request.Parameters.AcquireAsync(host, cancellationToken);
        LanguageModel model = lease.Model;
        ChatPrompt prompt = await Task.Run(() => ChatService.Encode(lease, request.Conversation, cancellationToken), cancellationToken);
        GenerationRequest generation = request.Parameters.Template with
        {
            Prompt = [.. prompt.Tokens, .. text.Encode(model.Tokenizer, prompt)],
            ShownTokens = prompt.ShownTokens,
            Constraint = null,
            MaxTokens = 0,
            PromptLogProbabilities = ChatRequestBody.Alternatives,
        };
        List<TokenProbability> scores = [];
        using ChoiceRun run = ChoiceRun.Start(model, [generation], 1, cancellationToken);
        await run.ReadAsync(
            (_, generated) =>
            {
                if (generated is PromptScored scored)
                {
                    scores.AddRange(scored.Tokens);
                }
            },
            () => ValueTask.CompletedTask,
            cancellationToken);
        return Last(scores, System.Text.Encoding.UTF8.GetByteCount(text.Text));
    }

    // A token may begin before the text, as one with a space in front of the first word does.
    private static List<TokenChoice> Last(List<TokenProbability> scores, int bytes)
    {
        int first = scores.Count;
        while (bytes > 0 && first > 0)
        {
            bytes -= scores[--first].Bytes.Length;
        }

        return [.. scores[first..].Select(TokenChoice.Of)];
    }
}
