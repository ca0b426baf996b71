using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;

namespace Hearth.Server.OpenAi;

/// <summary>A request to <c>/v1/chat/completions</c>.</summary>
/// <param name="Parameters">Model, limits and sampling.</param>
/// <param name="Conversation">What is to be answered.</param>
/// <param name="UsesFunctions">Whether it has <c>functions</c>, which came before <c>tools</c>, so that calls are answered in their shape.</param>
internal sealed record ChatRequest(GenerationParameters Parameters, Conversation Conversation, bool UsesFunctions)
{
    private const int MaxTopLogProbabilities = 20;
    private static readonly string[] s_budgets = ["thinking_budget", "thinking_token_budget", "thinking_budget_tokens", "reasoning_budget_tokens", "reasoning_budget"];
    private static readonly string[] s_efforts = ["minimal", "low", "medium", "high", "xhigh", "max"];

    public static ChatRequest Read(JsonElement root, ModelHost host)
    {
        RequestReader reader = new(root);
        IReadOnlyList<ChatMessage> messages = ChatMessageReader.Read(reader);
        GenerationParameters parameters = GenerationParameters.Read(reader, host, ReadLogProbabilities(reader));
        ToolReader tools = ToolReader.Read(reader);
        Conversation conversation = new(messages)
        {
            Tools = tools.Tools,
            ToolChoice = tools.Choice,
            ParallelToolCalls = tools.Parallel,
            Thinking = ThinkingOf(reader.Text("reasoning_effort"), "reasoning_effort"),
            ReasoningBudget = ReadReasoningBudget(reader),
            SeparateReasoning = ReadReasoningFormat(reader),
            TemplateArguments = ReadTemplateArguments(reader),
        };
        if (parameters.Template.Constraint is { IsLazy: true } && tools.Tools.Count > 0 && tools.Choice.Kind != ToolChoiceKind.None)
        {
            throw ApiException.Unsupported("grammar_lazy", "'grammar_lazy' beside 'tools' is not supported: once begun, calls are held to their form anyway.");
        }

        reader.Refuse("modalities", value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(GenerationParameters.IsText("text")), ": answers are text");
        reader.Refuse("service_tier", GenerationParameters.IsText("auto", "default"), string.Empty);
        reader.Refuse("store", GenerationParameters.IsNothing, ": nothing is stored");
        reader.Refuse("audio", Never, ": answers are text");
        reader.Refuse("moderation", Never, ": nothing is moderated here");
        reader.Refuse("prediction", Never, ": what the prompt has is guessed ahead anyway");
        reader.Refuse("verbosity", GenerationParameters.IsText("medium"), ": say in a message how long the answer is to be");
        reader.Refuse("web_search_options", Never, ": nothing is searched for here");
        reader.Refuse("add_generation_prompt", value => value.ValueKind == JsonValueKind.True, ": an answer is always begun");
        reader.Refuse("continue_final_message", GenerationParameters.IsNothing, ": an answer cannot be begun for the model");
        reader.End();
        return new ChatRequest(parameters, conversation, tools.IsLegacy);
    }

    private static bool Never(JsonElement value) => false;

    private static int? ReadLogProbabilities(RequestReader reader)
    {
        bool wanted = reader.Flag("logprobs") ?? false;
        int? top = reader.Integer("top_logprobs", 0, MaxTopLogProbabilities);
        return !wanted && top > 0
            ? throw ApiException.Invalid("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs", "invalid_value")
            : wanted ? top ?? 0 : null;
    }

    /// <summary>How a model is to think, by OpenAI's names of efforts; null leaves it to the model.</summary>
    /// <param name="effort">The effort.</param>
    /// <param name="parameter">The request's field that has it.</param>
    public static Thinking? ThinkingOf(string? effort, string parameter) => effort switch
    {
        null => null,
        "none" => Thinking.Off,
        _ when s_efforts.Contains(effort) => Thinking.With(effort),
        _ => throw ApiException.Invalid($"'{parameter}' is '{effort}'; expected none, {string.Join(", ", s_efforts)}.", parameter, "invalid_value"),
    };

    // Qwen's and vLLM's names of it, and llama-server's.
    private static int? ReadReasoningBudget(RequestReader reader)
    {
        int? budget = null;
        foreach (string name in s_budgets)
        {
            int? given = reader.Integer(name, -1);
            budget = budget is null || given is null || given == budget ? budget ?? given
                : throw ApiException.Invalid($"'{name}' says something else than another name of the same.", name, "invalid_value");
        }

        return budget;
    }

    // As llama-server has it.
    private static bool ReadReasoningFormat(RequestReader reader) => reader.Text("reasoning_format") switch
    {
        null or "auto" or "deepseek" => true,
        "none" => false,
        string other => throw ApiException.Invalid($"'reasoning_format' is '{other}'; expected auto, deepseek or none.", "reasoning_format", "invalid_value"),
    };

    /// <summary>More variables for the chat template; null for none.</summary>
    public static JsonObject? ReadTemplateArguments(RequestReader reader)
    {
        const string Name = "chat_template_kwargs";
        if (!reader.TryGet(Name, out JsonElement value))
        {
            return null;
        }

        JsonObject arguments = reader.Schema(Name, value);
        return arguments["enable_thinking"] is JsonNode thinking && thinking.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False)
            ? throw ApiException.Invalid($"'{Name}.enable_thinking' must be true or false.", $"{Name}.enable_thinking", "invalid_type")
            : arguments;
    }
}
