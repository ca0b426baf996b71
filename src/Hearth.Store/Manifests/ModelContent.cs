using System.Text.Json.Nodes;

namespace Hearth.Store.Manifests;

/// <summary>The language of a chat template.</summary>
public enum TemplateLanguage
{
    /// <summary>Jinja, as in GGUF files.</summary>
    Jinja,

    /// <summary>Go's text/template, as in Ollama's models.</summary>
    Go,
}

/// <summary>A chat template that is packaged beside the weights.</summary>
/// <param name="Language">Its language.</param>
/// <param name="Text">Its text.</param>
public sealed record PackagedTemplate(TemplateLanguage Language, string Text);

/// <summary>A message that conversations begin with.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">Its text.</param>
public sealed record PackagedMessage(string Role, string Content);

/// <summary>A stored model, ready to be run: where its files are, and what was packaged beside them.</summary>
public sealed record ModelContent
{
    /// <summary>What its config says.</summary>
    public required ModelFacts Facts { get; init; }

    /// <summary>The paths of its weights, the parts of split ones in their order.</summary>
    public required IReadOnlyList<string> Weights { get; init; }

    /// <summary>The path of its projector; null without one.</summary>
    public string? Projector { get; init; }

    /// <summary>The paths of its LoRA adapters.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    /// <summary>The chat template to use instead of the weights' own; null for none.</summary>
    public PackagedTemplate? Template { get; init; }

    /// <summary>Instructions for conversations that bring none.</summary>
    public string? System { get; init; }

    /// <summary>Parameters by Ollama's names (<c>temperature</c>, <c>stop</c>, <c>num_ctx</c>, ...); null for none.</summary>
    public JsonObject? Parameters { get; init; }

    /// <summary>Messages that conversations begin with.</summary>
    public IReadOnlyList<PackagedMessage> Messages { get; init; } = [];

    /// <summary>The texts of its licences.</summary>
    public IReadOnlyList<string> Licenses { get; init; } = [];
}
