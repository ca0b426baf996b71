using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Templates.Go.Values;

namespace Hearth.Engine.Templates.Go;

/// <summary>Whether the model is to think before it answers, and how hard.</summary>
/// <param name="IsSet">Whether the request says.</param>
/// <param name="IsOn">Whether it thinks.</param>
/// <param name="Level"><c>low</c>, <c>medium</c> or <c>high</c>; empty for not at all.</param>
internal readonly record struct OllamaThinking(bool IsSet, bool IsOn, string Level)
{
    private const string DefaultLevel = "medium";

    /// <summary>
    /// Reads Ollama's <c>think</c> (a flag or a level), or the <c>enable_thinking</c> and <c>reasoning_effort</c> that Jinja templates share.
    /// </summary>
    public static OllamaThinking Read(JsonObject context)
    {
        JsonNode? think = context["think"] ?? context["enable_thinking"];
        string? level = OllamaJson.TextOf(context["think"]) ?? OllamaJson.TextOf(context["reasoning_effort"]);
        bool? flag = think?.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => level is null ? null : level is not ("" or "none"),
        };
        return flag is bool isOn ? new OllamaThinking(true, isOn, isOn ? level ?? DefaultLevel : string.Empty) : default;
    }

    /// <summary>The variables that templates have for it.</summary>
    public IEnumerable<KeyValuePair<string, GoValue>> Variables =>
    [
        KeyValuePair.Create<string, GoValue>("Think", GoBool.Of(IsOn)),
        KeyValuePair.Create<string, GoValue>("ThinkLevel", GoString.FromInput(Level ?? string.Empty)),
        KeyValuePair.Create<string, GoValue>("IsThinkSet", GoBool.Of(IsSet)),
    ];
}
