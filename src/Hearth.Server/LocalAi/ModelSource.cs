using Hearth.Server.Errors;
using Hearth.Store;
using Hearth.Store.References;

namespace Hearth.Server.LocalAi;

/// <summary>Reads where a model is to come from, as LocalAI's clients write it.</summary>
internal static class ModelSource
{
    private static readonly string[] s_huggingFace = ["huggingface://", "hf://"];

    /// <summary>The reference that a text means: one of Hearth's, or <c>huggingface://OWNER/REPO/FILE[@REVISION]</c>.</summary>
    /// <param name="store">The store, which knows the registry of short names.</param>
    /// <param name="text">The text.</param>
    /// <param name="field">The field that has it.</param>
    /// <exception cref="ApiException">It names a place that models are not pulled from.</exception>
    /// <exception cref="ReferenceException">It is no reference.</exception>
    public static ModelReference Read(ModelStore store, string text, string field)
    {
        if (Array.Find(s_huggingFace, scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) is string scheme)
        {
            return store.ParseReference(ReadHuggingFace(text[scheme.Length..]));
        }

        bool isFile = text.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || text.StartsWith("github:", StringComparison.OrdinalIgnoreCase)
            || text.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || text.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);
        bool isGallery = !isFile && text.IndexOf('@') is > 0 and int at && !text.AsSpan(0, at).ContainsAny('/', ':', '.') && !text.AsSpan(at + 1).StartsWith("sha256:");
        return isFile ? throw ApiException.Unsupported(field, $"'{field}' is '{text}': a file that describes a model is not supported; name the model itself, as in 'ai/smollm2' or 'huggingface://OWNER/REPO/FILE'")
            : isGallery ? throw ApiException.Unsupported(field, $"'{field}' is '{text}': galleries are not supported; name the model itself, as in 'ai/smollm2' or 'huggingface://OWNER/REPO/FILE'")
            : store.ParseReference(text);
    }

    // The file takes the place that the quantisation has in Hearth's references.
    private static string ReadHuggingFace(string path)
    {
        string[] parts = path.Split('/');
        if (parts.Length < 3)
        {
            return $"hf://{path}";
        }

        string[] file = parts[^1].Split('@', 2);
        return $"hf://{parts[0]}/{parts[1]}:{file[0]}{(file.Length > 1 ? $"@{file[1]}" : string.Empty)}";
    }
}
