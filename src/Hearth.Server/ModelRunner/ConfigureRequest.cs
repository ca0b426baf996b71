using System.Globalization;
using System.Text.Json;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Hearth.Server.Settings;

namespace Hearth.Server.ModelRunner;

/// <summary>A request to <c>/engines/_configure</c>.</summary>
/// <param name="Model">The model.</param>
/// <param name="Changes">What to set.</param>
internal sealed record ConfigureRequest(ServedModel Model, ModelSettings Changes)
{
    private const int MaxFlags = 256;

    public static ConfigureRequest Read(JsonElement root, ModelHost host)
    {
        RequestReader reader = new(root);
        ServedModel model = host.Find(reader.RequiredText("model", "the model to configure"));
        CheckMode(reader.Text("mode"), model);
        ModelSettings changes = RuntimeFlags.Parse(reader.Texts("runtime-flags", MaxFlags));
        changes = RuntimeFlags.Parse(RuntimeFlags.Split(reader.Text("raw-runtime-flags") ?? string.Empty)).Over(changes);
        if (reader.Integer("context-size", -1) is int context and not -1)
        {
            if (context == 0)
            {
                throw ApiException.Invalid("'context-size' must be at least 1, or -1 to change nothing, not 0.", "context-size", "invalid_value");
            }

            changes = changes.With("ctx-size", context.ToString(CultureInfo.InvariantCulture));
        }

        if (reader.KeepAlive() is TimeSpan keepAlive)
        {
            changes = changes.With("keep-alive", KeepAlive.Format(keepAlive));
        }

        changes = ReadSpeculative(reader, changes, host);
        reader.Refuse("vllm", GenerationParameters.IsNothing, ": there is one engine here");
        if (reader.Object("llamacpp") is RequestReader engine)
        {
            changes = engine.Integer(ModelSettingTable.ReasoningBudgetName, -1) is int budget
                ? changes.With(ModelSettingTable.ReasoningBudgetName, budget.ToString(CultureInfo.InvariantCulture))
                : changes;
            engine.End();
        }

        reader.End();
        return new ConfigureRequest(model, changes);
    }

    private static ModelSettings ReadSpeculative(RequestReader reader, ModelSettings changes, ModelHost host)
    {
        if (reader.Object("speculative") is not RequestReader speculative)
        {
            return changes;
        }

        if (speculative.Text("draft_model") is string draft and not "")
        {
            changes = changes.With("draft", host.Find(draft).Path);
        }

        if (speculative.Integer("num_tokens", 0) is int tokens and not 0)
        {
            changes = changes.With("draft-max", tokens.ToString(CultureInfo.InvariantCulture));
        }

        speculative.Refuse("min_acceptance_rate", GenerationParameters.IsNothing, ": guessing stops by itself where it does not pay");
        speculative.End();
        return changes;
    }

    private static void CheckMode(string? mode, ServedModel model)
    {
        bool isRight = mode switch
        {
            null or "" => true,
            "completion" => !model.IsEmbedder,
            "embedding" => !model.IsRanker,
            "reranking" => model.IsRanker,
            _ => throw ApiException.Unsupported("mode", $"'mode' is '{mode}'; expected completion, embedding or reranking."),
        };
        if (!isRight)
        {
            throw ApiException.WrongModel(model.Name, $"cannot do '{mode}'");
        }
    }
}
