using Hearth.Engine.Adapters;
using Hearth.Engine.Embedding;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Scheduling;

/// <summary>A model of the kind that its file holds; exactly one of the two is there.</summary>
/// <param name="Language">A model that continues text, or null.</param>
/// <param name="Embedding">A model that embeds or ranks text, or null.</param>
public sealed record LoadedModel(LanguageModel? Language, EmbeddingModel? Embedding)
{
    /// <summary>
    /// Loads a model: one that embeds when its architecture is an encoder or its header names a pooling, else one that continues text.
    /// </summary>
    /// <param name="paths">A GGUF file, or the first of a split one.</param>
    /// <param name="options">How to load it.</param>
    /// <exception cref="GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">The file is sound, but Hearth cannot run it.</exception>
    /// <exception cref="TokenizerException">Its vocabulary is broken or of an unknown kind.</exception>
    /// <exception cref="TemplateException">Its chat template is broken.</exception>
    /// <exception cref="LoraException">An adapter is not one for this model.</exception>
    /// <exception cref="ContextMemoryException">The context asked for needs more memory than there is.</exception>
    public static LoadedModel Load(GgufPaths paths, LanguageModelOptions? options = null)
    {
        options ??= new LanguageModelOptions();
        return OpenedModel.Open(paths, options).Become(opened => EmbeddingModel.IsEmbedder(opened.File.Metadata, opened.Decoder.Config.Architecture, opened.Decoder.HasLogits)
            ? new LoadedModel(null, EmbeddingModel.Create(opened, options))
            : new LoadedModel(LanguageModel.Create(opened, options), null));
    }
}
