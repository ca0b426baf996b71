using Hearth.Store.Importing;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Cli.Models;

/// <summary>What lists of models have in common.</summary>
internal static class ModelList
{
    /// <summary>What people call another program.</summary>
    public static string NameOf(ForeignSource source) => source switch
    {
        ForeignSource.DockerModelRunner => "Docker Model Runner",
        ForeignSource.Ollama => "Ollama",
        ForeignSource.LlamaCpp => "llama.cpp",
        _ => "Hugging Face",
    };

    /// <summary>Whether a model is of those that a word asks for: the beginning of a name in any of its forms, or of an ID.</summary>
    public static bool Matches(StoredModel model, string word) =>
        model.References.Any(reference => Matches(reference, word))
        || model.Id.Hex.StartsWith(word, StringComparison.OrdinalIgnoreCase)
        || model.Id.ToString().StartsWith(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a reference is of those that a word asks for: the beginning of it in any of its forms.</summary>
    public static bool Matches(ModelReference reference, string word) =>
        new[] { reference.Display, reference.ToString(), reference.Repository, reference.Name }.Any(form => form.StartsWith(word, StringComparison.OrdinalIgnoreCase));
}
