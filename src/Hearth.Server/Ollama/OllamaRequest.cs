using System.Text.Json;
using Hearth.Engine.Grammar;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Ollama;

/// <summary>What the requests of <c>/api/generate</c> and <c>/api/chat</c> have in common. Fields that nobody knows are ignored, as Ollama does.</summary>
internal sealed record OllamaRequest
{
    private const int MaxTopLogProbabilities = 20;
    private const string MostEffort = "max";

    // gpt-oss, which knows no effort above high.
    private const string Harmony = "harmony";
    private static readonly string[] s_levels = ["high", "medium", "low", MostEffort];

    public required string? Model { get; init; }

    public required bool Stream { get; init; }

    public required TimeSpan? KeepAlive { get; init; }

    public required OllamaOptions Options { get; init; }

    /// <summary>What the answer's text must be; null for any text.</summary>
    public required GenerationConstraint? Constraint { get; init; }

    /// <summary>How the model is to think; null for as it can.</summary>
    public required Thinking? Thinking { get; init; }

    /// <summary>Whether a prompt that does not fit is cut.</summary>
    public required bool Truncate { get; init; }

    /// <summary>Whether an answer goes on when the context is full.</summary>
    public required bool Shift { get; init; }

    /// <summary>Alternatives to each token; null for no log-probabilities.</summary>
    public required int? TopLogProbabilities { get; init; }

    /// <summary>Whether only the prompt is wanted.</summary>
    public required bool OnlyRenders { get; init; }

    /// <summary>Whether an answer has tokens at all.</summary>
    public bool IsMuted => Options.Predict == 0;

    /// <summary>Whether the model is to be unloaded, where there is nothing to answer.</summary>
    public bool Unloads => KeepAlive == TimeSpan.Zero;

    public static OllamaRequest Read(RequestReader reader) => new()
    {
        Constraint = OllamaFormat.Read(reader),
        Model = reader.Text("model"),
        Stream = reader.Flag("stream") ?? true,
        KeepAlive = reader.KeepAlive(),
        Options = OllamaOptions.Read(reader),
        Thinking = ReadThinking(reader),
        Truncate = reader.Flag("truncate") ?? true,
        Shift = reader.Flag("shift") ?? true,
        TopLogProbabilities = ReadLogProbabilities(reader),
        OnlyRenders = reader.Flag("_debug_render_only") ?? false,
    };

    /// <summary>The name of a model in requests that take two words for it.</summary>
    public static string? Name(RequestReader reader) => reader.Text("model") is { Length: > 0 } model ? model : reader.Text("name") ?? string.Empty;

    /// <summary>Refuses images.</summary>
    public static void RefuseImages(RequestReader reader) =>
        reader.Refuse("images", GenerationParameters.IsNothing, ": the model reads text only");

    /// <summary>How the model thinks: as asked, else always where it can.</summary>
    /// <exception cref="ApiException">It cannot.</exception>
    public Thinking? ThinkingOf(LanguageModel model, Conversation conversation)
    {
        ReplyFormat format = ModelTemplate.Of(model, conversation).Format;
        return Thinking is { IsOn: true } && !format.HasReasoning ? throw OllamaErrors.Invalid($"\"{Model}\" does not support thinking")
            : Thinking is { Effort: MostEffort } && format.Name == Harmony ? Thinking.With("high")
            : Thinking ?? (format.HasReasoning ? Thinking.On : null);
    }

    /// <summary>How the answer to a prompt is made.</summary>
    public ChatRunOptions RunOptions(ServedModel served, LanguageModel model) => new()
    {
        Generation = Options.ToGeneration(served, model.ContextLength) with
        {
            Constraint = Constraint,
            TopLogProbabilities = TopLogProbabilities,
            Truncate = Truncate,
            ContextShift = Shift,
        },
    };

    private static int? ReadLogProbabilities(RequestReader reader)
    {
        bool wanted = reader.Flag("logprobs") ?? false;
        int top = reader.Integer("top_logprobs") ?? 0;
        return top is < 0 or > MaxTopLogProbabilities ? throw OllamaErrors.Invalid($"top_logprobs must be between 0 and {MaxTopLogProbabilities}") : wanted ? top : null;
    }

    private static Thinking? ReadThinking(RequestReader reader) => !reader.TryGet("think", out JsonElement value) ? null : value.ValueKind switch
    {
        JsonValueKind.True => Thinking.On,
        JsonValueKind.False => Thinking.Off,
        JsonValueKind.String when s_levels.Contains(value.GetString()) => Thinking.With(value.GetString()!),
        _ => throw OllamaErrors.Invalid($"invalid think value: {value.GetRawText()} (must be \"high\", \"medium\", \"low\", \"max\", true, or false)"),
    };
}
