using System.Text.Json;
using Hearth.Engine.Grammar;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Anthropic;

/// <summary>A request to <c>/v1/messages</c>.</summary>
/// <param name="Served">The model that answers, which need not be loaded yet.</param>
/// <param name="Conversation">What is to be answered.</param>
/// <param name="Generation">The request to run, still without its prompt.</param>
/// <param name="KeepAlive">How long the model stays loaded after the request; null for its own time.</param>
/// <param name="Stream">Whether the answer is sent as it is made.</param>
/// <param name="HasStops">Whether the request names stop sequences; otherwise they are the model's own business.</param>
internal sealed record MessagesRequest(
    ServedModel Served, Conversation Conversation, GenerationRequest Generation, TimeSpan? KeepAlive, bool Stream, bool HasStops)
{
    private const int MaxStops = 64;
    private static readonly string[] s_efforts = ["low", "medium", "high", "xhigh", "max"];

    public static MessagesRequest Read(JsonElement root, ModelHost host)
    {
        RequestReader reader = new(root);
        ServedModel served = host.FindLanguage(reader.RequiredText("model", "the model that answers"));
        int maxTokens = reader.Integer("max_tokens", 1)
            ?? throw ApiException.Invalid("'max_tokens' is missing: the tokens that the answer may have.", "max_tokens", "missing_required_parameter");
        IReadOnlyList<string> stops = reader.Texts("stop_sequences", MaxStops);
        if (stops.Contains(string.Empty))
        {
            throw ApiException.Invalid("'stop_sequences' has an empty string, which would stop at once.", "stop_sequences", "invalid_value");
        }

        Conversation conversation = ReadConversation(reader, maxTokens, out GenerationConstraint? constraint);
        GenerationRequest generation = new()
        {
            Prompt = [],
            MaxTokens = maxTokens,
            Sampling = SamplingReader.Read(reader, served.Header.Config.VocabularySize, served.Options.Sampling),
            Stop = stops.Count > 0 ? stops : served.Options.Stop,
            Constraint = constraint,
        };
        TimeSpan? keepAlive = reader.KeepAlive();
        bool stream = reader.Flag("stream") ?? false;
        reader.Note("metadata");
        reader.Refuse("service_tier", GenerationParameters.IsText("auto", "standard_only"), string.Empty);
        reader.Refuse("diagnostics", GenerationParameters.IsNothing, string.Empty);
        reader.Refuse("fallbacks", GenerationParameters.IsNothing, ": one model answers");
        reader.Refuse("fallback_credit_token", _ => false, ": one model answers");
        reader.Refuse("compaction", GenerationParameters.IsNothing, ": messages are read as they are sent");
        reader.Refuse("billing_policy", GenerationParameters.IsNothing, ": nothing is billed");
        reader.Refuse("container", GenerationParameters.IsNothing, ": nothing is executed here");
        reader.Refuse("inference_geo", GenerationParameters.IsNothing, ": everything runs on this machine");
        reader.End();
        return new MessagesRequest(served, conversation, generation, keepAlive, stream, stops.Count > 0);
    }

    /// <summary>A request to <c>/v1/messages/count_tokens</c>, which has no limits and no sampling.</summary>
    public static (ServedModel Served, Conversation Conversation) ReadCount(JsonElement root, ModelHost host)
    {
        RequestReader reader = new(root);
        ServedModel served = host.FindLanguage(reader.RequiredText("model", "the model that answers"));
        Conversation conversation = ReadConversation(reader, int.MaxValue, out _);
        reader.End();
        return (served, conversation);
    }

    private static Conversation ReadConversation(RequestReader reader, int maxTokens, out GenerationConstraint? constraint)
    {
        IReadOnlyList<ChatMessage> messages = MessageReader.Read(reader);
        AnthropicTools tools = AnthropicTools.Read(reader);
        RequestReader? output = reader.Object("output_config");
        string? effort = ReadEffort(output);
        // Where it was before.
        constraint = ReadFormat(output?.Object("format")) ?? ReadFormat(reader.Object("output_format"));
        output?.End();
        Conversation conversation = new(messages)
        {
            Tools = tools.Tools,
            ToolChoice = tools.Choice,
            ParallelToolCalls = tools.Parallel,
            Thinking = ReadThinking(reader, effort, maxTokens, out int? budget),
            ReasoningBudget = budget,
        };
        // Prompts are cached whether a request asks for it or not, and there are no accounts.
        reader.Note("cache_control", "user_profile_id", "workspace_id");
        reader.Refuse("speed", GenerationParameters.IsText("standard"), ": there is one speed");
        if (reader.TryGet("thread", out _))
        {
            throw AnthropicErrors.ThreadUnsupported();
        }

        reader.Refuse("mcp_servers", GenerationParameters.IsNothing, ": call tools yourself");
        reader.Refuse("context_management", EditsNothing, ": messages are read as they are sent");
        return conversation;
    }

    private static GenerationConstraint? ReadFormat(RequestReader? format)
    {
        if (format is null)
        {
            return null;
        }

        string type = format.RequiredText("type", "json_schema");
        if (type != "json_schema")
        {
            throw ApiException.Invalid($"'{format.Path("type")}' is '{type}'; expected json_schema.", format.Path("type"), "invalid_value");
        }

        GenerationConstraint constraint = format.TryGet("schema", out JsonElement schema)
            ? ConstraintReader.FromSchema(schema, format.Path("schema"))
            : throw ApiException.Invalid($"'{format.Path("schema")}' is missing.", format.Path("schema"), "missing_required_parameter");
        format.End();
        return constraint;
    }

    private static string? ReadEffort(RequestReader? output)
    {
        string? effort = output?.Text("effort");
        return effort is null || s_efforts.Contains(effort) ? effort
            : throw ApiException.Invalid($"'output_config.effort' is '{effort}'; expected {string.Join(", ", s_efforts)}.", "output_config.effort", "invalid_value");
    }

    // Nobody who has not asked for thinking expects blocks of it.
    private static Thinking ReadThinking(RequestReader reader, string? effort, int maxTokens, out int? budget)
    {
        RequestReader? thinking = reader.Object("thinking");
        bool isOn = thinking?.Text("type") switch
        {
            "enabled" => true,
            "adaptive" => true,
            "disabled" => false,
            null when thinking is null => false,
            null => throw ApiException.Invalid("'thinking.type' is missing: enabled, adaptive or disabled.", "thinking.type", "missing_required_parameter"),
            string other => throw ApiException.Invalid($"'thinking.type' is '{other}'; expected enabled, adaptive or disabled.", "thinking.type", "invalid_value"),
        };
        budget = thinking?.Integer("budget_tokens", 1);
        if (budget >= maxTokens)
        {
            throw ApiException.Invalid("'max_tokens' must be greater than 'thinking.budget_tokens'.", "max_tokens", "invalid_value");
        }

        thinking?.Refuse("display", GenerationParameters.IsText("summarized"), ": thoughts are shown whole");
        thinking?.End();
        return !isOn ? Thinking.Off : effort is null ? Thinking.On : Thinking.With(effort);
    }

    private static bool EditsNothing(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(property =>
        property.Name == "edits" && property.Value.ValueKind == JsonValueKind.Array && property.Value.EnumerateArray().All(KeepsAll));

    // What Claude Code sends: the edit that drops old thoughts, told to keep all.
    private static bool KeepsAll(JsonElement edit) => edit.ValueKind == JsonValueKind.Object
        && edit.TryGetProperty("keep", out JsonElement keep) && GenerationParameters.IsText("all")(keep);
}
