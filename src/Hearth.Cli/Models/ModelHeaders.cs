using Hearth.Engine.Gguf;
using Hearth.Store.Packaging;

namespace Hearth.Cli.Models;

/// <summary>Reads headers of GGUF files for the store, which knows nothing of their format.</summary>
internal static class ModelHeaders
{
    private const int MaxCharacters = 200;

    /// <summary>What the header of a model, an adapter or a projector says.</summary>
    /// <exception cref="GgufException">It is not a GGUF file.</exception>
    public static GgufFacts Read(IReadOnlyList<string> paths)
    {
        using GgufFile file = paths is [string path] ? GgufFile.Open(path) : GgufFile.Open(paths);
        GgufSummary summary = GgufSummary.Describe(file);
        return new GgufFacts
        {
            Paths = file.Paths,
            Type = file.Metadata.GetString("general.type") ?? "model",
            Architecture = summary.Architecture,
            Parameters = summary.Parameters,
            FileType = summary.FileType,
            Bytes = summary.FileLength,
            ContextLength = summary.ContextLength,
            EmbeddingLength = summary.EmbeddingLength,
            ChatTemplate = file.Metadata.GetString("tokenizer.chat_template"),
            Metadata = file.Metadata.Where(entry => !entry.Value.IsArray).ToDictionary(entry => entry.Key, entry => entry.Value.ToText(maxItems: 0, MaxCharacters)),
        };
    }
}
