using System.Text.Json;
using Hearth.Engine.Grammar;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;

namespace Hearth.Server.OpenAi.Responses;

/// <summary>What a request asks, and what its answer has to be like: all that its prompt depends on.</summary>
internal sealed record ResponsePrompt
{
    /// <summary>The truncation that lets items go.</summary>
    public const string Truncation = "auto";

    /// <summary>The truncation that is none.</summary>
    public const string NoTruncation = "disabled";

    private static readonly string[] s_summaries = ["auto", "detailed"];
    private static readonly JsonElement s_text = JsonElement.Parse("""{"type":"text"}""");

    /// <summary>The model that answers, which need not be loaded yet.</summary>
    public required ServedModel Served { get; init; }

    /// <summary>What is to be answered.</summary>
    public required Conversation Conversation { get; init; }

    /// <summary>The tools that it has.</summary>
    public required ResponseTools Tools { get; init; }

    /// <summary>What the text of the answer must be; null for any text.</summary>
    public GenerationConstraint? Constraint { get; init; }

    /// <summary>The response that the request goes on from; null for none.</summary>
    public StoredResponse? Previous { get; init; }

    /// <summary>The items that the request itself has.</summary>
    public required IReadOnlyList<ResponseItem> Input { get; init; }

    /// <summary>Its instructions; those of earlier responses do not count.</summary>
    public string? Instructions { get; init; }

    /// <summary>How the model is to think, as the answer shows it.</summary>
    public required ReasoningBody Reasoning { get; init; }

    /// <summary>The answer's format, as the answer shows it.</summary>
    public JsonElement Format { get; init; } = s_text;

    /// <summary>Whether the oldest items go when all do not fit.</summary>
    public bool Truncates { get; init; }

    public static ResponsePrompt Read(RequestReader reader, ModelHost host, ResponseStore store, string? owner)
    {
        ServedModel served = host.FindLanguage(reader.Text("model"));
        reader.Refuse("conversation", _ => false, ": go on from a response with 'previous_response_id'");
        StoredResponse? previous = reader.Text("previous_response_id") is string id ? store.Find(id, owner) ?? throw NotFound(id) : null;
        List<ResponseItem> input = new ItemReader(new KeptItems(store, owner)).Read(reader);
        if (input.Count == 0 && previous is null)
        {
            throw reader.TryGet("input", out _)
                ? ApiException.Invalid("'input' is empty: give at least one item.", "input", "invalid_value")
                : ApiException.Invalid("'input' is missing: what is to be answered.", "input", "missing_required_parameter");
        }

        string? instructions = reader.Text("instructions");
        ResponseTools tools = ResponseTools.Read(reader);
        (Thinking? thinking, ReasoningBody reasoning) = ReadReasoning(reader);
        RequestReader? text = reader.Object("text");
        RequestReader? format = text?.Object("format");
        ResponsePrompt prompt = new()
        {
            Served = served,
            Conversation = new Conversation(ItemMessages.Of(instructions, [.. previous?.History() ?? [], .. input]))
            {
                Tools = tools.Offered,
                ToolChoice = tools.Choice,
                ParallelToolCalls = tools.Parallel,
                Thinking = thinking,
                TemplateArguments = ChatRequest.ReadTemplateArguments(reader),
            },
            Tools = tools,
            Constraint = ConstraintReader.Read(reader, format, "text.format"),
            Previous = previous,
            Input = input,
            Instructions = instructions,
            Reasoning = reasoning,
            Format = text is not null && text.TryGet("format", out JsonElement shown) ? shown : s_text,
            Truncates = ReadTruncation(reader),
        };
        text?.Refuse("verbosity", GenerationParameters.IsText("medium"), ": say in 'instructions' how long answers should be");
        text?.End();
        return prompt;
    }

    private static ApiException NotFound(string id) => ApiException.Invalid(
        $"Previous response with id '{id}' not found. Responses are kept for a time, and never when 'store' is false.", "previous_response_id", "previous_response_not_found");

    private static (Thinking? Thinking, ReasoningBody Shown) ReadReasoning(RequestReader reader)
    {
        if (reader.Object("reasoning") is not RequestReader reasoning)
        {
            return (null, new ReasoningBody(null, null));
        }

        string? effort = reasoning.Text("effort");
        string? older = ReadSummary(reasoning, "generate_summary");
        string? summary = ReadSummary(reasoning, "summary") ?? older;

        reasoning.Refuse("context", GenerationParameters.IsText("auto"), ": the model's template decides which thoughts it reads again");
        reasoning.Refuse("mode", GenerationParameters.IsText("standard"), string.Empty);
        reasoning.End();
        return (ChatRequest.ThinkingOf(effort, "reasoning.effort"), new ReasoningBody(effort, summary));
    }

    private static string? ReadSummary(RequestReader reasoning, string name) => reasoning.Text(name) is string summary && !s_summaries.Contains(summary)
        ? throw ApiException.Unsupported(
            reasoning.Path(name), $"'{reasoning.Path(name)}' is '{summary}'; only {string.Join(" and ", s_summaries)} are supported, which give the whole thought.")
        : reasoning.Text(name);

    private static bool ReadTruncation(RequestReader reader) => reader.Text("truncation") switch
    {
        null or NoTruncation => false,
        Truncation => true,
        string other => throw ApiException.Invalid($"'truncation' is '{other}'; expected {Truncation} or {NoTruncation}.", "truncation", "invalid_value"),
    };
}
