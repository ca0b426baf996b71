using Hearth.Server;
using Hearth.Store.References;

namespace Hearth.Cli.Models;

/// <summary>What a user's word for a model is.</summary>
internal enum ModelWordKind
{
    /// <summary>A model that Hearth brings along.</summary>
    BuiltIn,

    /// <summary>A file.</summary>
    Path,

    /// <summary>A name, or an ID, in the store.</summary>
    Name,
}

/// <summary>Tells files and names of models apart.</summary>
internal static class ModelWord
{
    private const string GgufEnding = ".gguf";

    /// <summary>What a word is: a built-in name; a file that is there, or what looks like a path; else a name in the store.</summary>
    public static ModelWordKind KindOf(string word) =>
        BuiltInModels.Find(word) is not null ? ModelWordKind.BuiltIn
        : File.Exists(word) || LooksLikePath(word) ? ModelWordKind.Path
        : ModelWordKind.Name;

    // A file in a repository of Hugging Face ends like a path, but names a model there.
    private static bool LooksLikePath(string word) =>
        word.Length == 0
        || word[0] is '.' or '/' or '~'
        || word.Contains('\\')
        || (word.EndsWith(GgufEnding, StringComparison.OrdinalIgnoreCase)
            && !(ModelReference.TryParse(word, out ModelReference? reference) && reference.Kind == ReferenceKind.HuggingFace));
}
