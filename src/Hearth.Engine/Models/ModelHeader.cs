using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Embedding;
using Hearth.Engine.Gguf;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Models;

/// <summary>
/// What the header of a model's file says: what the model is for, and the memory that it will need. Everything that can be checked without
/// reading weights or vocabulary has been checked; the file is not kept open.
/// </summary>
public sealed class ModelHeader
{
    private readonly ActivationMemory _activations;
    private readonly IReadOnlyList<KvLayerShape> _cacheLayers;
    private readonly int _stateLength;
    private readonly int _tokens;
    private readonly int _merges;
    private readonly bool _isEmbedder;
    private readonly long _weights;

    private ModelHeader(GgufFile file, AdapterSet adapters, ModelBuilder builder, DecoderDefinition definition, GgufWeightSource weights)
    {
        Path = file.Path;
        Config = builder.Config;
        Name = file.Metadata.GetString("general.name");
        ChatTemplate = file.Metadata.GetString("tokenizer.chat_template");
        BosToken = TokenText(file.Metadata, "tokenizer.ggml.bos_token_id");
        EosToken = TokenText(file.Metadata, "tokenizer.ggml.eos_token_id");
        FileLength = file.FileLength;
        IsEmbedder = _isEmbedder = EmbeddingModel.IsEmbedder(file.Metadata, Config.Architecture, definition.Head is not null);
        IsRanker = IsEmbedder && definition.Pooling is { RankLength: > 0 };
        _cacheLayers = builder.CacheLayers;
        _stateLength = builder.StateLength;
        _tokens = file.Metadata.GetStrings("tokenizer.ggml.tokens")?.Count ?? 0;
        _merges = file.Metadata.GetStrings("tokenizer.ggml.merges")?.Count ?? 0;
        GgufTensor[] used = [.. file.Tensors.Where(tensor => weights.IsUsed(tensor.Name))];
        _weights = file.Tensors.Min(tensor => tensor.Offset) + used.Sum(tensor => tensor.ByteLength) + adapters.Files.Sum(adapter => adapter.FileLength);
        _activations = new ActivationMemory(builder, definition, used);
    }

    /// <summary>The file, or the first of a split one.</summary>
    public string Path { get; }

    /// <summary>What the header says of the network.</summary>
    public ModelConfig Config { get; }

    /// <summary>The name in the file's metadata, or null.</summary>
    public string? Name { get; }

    /// <summary>Tokens of the file's vocabulary; 0 when it has none.</summary>
    public int VocabularySize => _tokens;

    /// <summary>The file's chat template, or null.</summary>
    public string? ChatTemplate { get; }

    /// <summary>The token that begins a text, as the vocabulary writes it, or null.</summary>
    public string? BosToken { get; }

    /// <summary>The token that ends a text, as the vocabulary writes it, or null.</summary>
    public string? EosToken { get; }

    /// <summary>Bytes of the file, or of all parts.</summary>
    public long FileLength { get; }

    /// <summary>Whether the file is for embedding or ranking; otherwise it continues text.</summary>
    public bool IsEmbedder { get; }

    /// <summary>Whether the file is a reranker.</summary>
    public bool IsRanker { get; }

    /// <summary>Reads a header, and those of adapters.</summary>
    /// <param name="paths">A GGUF file, or the first of a split one.</param>
    /// <param name="adapters">Adapters that will be attached.</param>
    /// <exception cref="GgufException">A file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">The file is sound, but Hearth cannot run it.</exception>
    /// <exception cref="LoraException">An adapter is not one for this model.</exception>
    public static ModelHeader Read(GgufPaths paths, IReadOnlyList<LoraAdapter>? adapters = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        using GgufFile file = paths.Open();
        using AdapterSet attached = AdapterSet.Open(adapters ?? []);
        using CpuDevice device = new(threads: 1);
        (ModelBuilder builder, DecoderDefinition definition, GgufWeightSource weights) = ModelFamily.Compose(file, device, attached.Files);
        ModelHeader header = new(file, attached, builder, definition, weights);
        return header.IsEmbedder || header.Config.Causal
            ? header._tokens > 0 || header.IsEmbedder ? header : throw ModelException.NoVocabulary(paths.First)
            : throw ModelException.UnsupportedFeature(header.Config.Architecture, "diffusion over whole texts to generate");
    }

    /// <summary>Tokens of context that a model gets.</summary>
    /// <param name="options">How it will be loaded.</param>
    public int ContextFor(LanguageModelOptions options) => IsEmbedder
        ? EmbeddingModel.ContextFor(Config, _cacheLayers, options)
        : options.ContextLength ?? ContextMemory.DefaultLength(Config.ContextLength, _cacheLayers, options);

    /// <summary>The memory that a model will need, for what its file is made for.</summary>
    /// <param name="options">How it will be loaded.</param>
    /// <inheritdoc cref="Read" path="/exception"/>
    public MemoryEstimate Estimate(LanguageModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (_isEmbedder)
        {
            return EstimateEmbedding(options);
        }

        int context = ContextFor(options);
        long positions = ContextMemory.PositionsFor(_cacheLayers, context, options);
        long states = (long)_stateLength * sizeof(float) * (Math.Max(1, options.Parallel) + StateSnapshots.CapacityFor(_stateLength, KvPool.BlocksFor(positions)));
        MemoryEstimate? draft = options.Speculation.DraftPath is string path
            ? Read(path).Estimate(options with { ContextLength = context, Adapters = [], CacheBytes = null, Speculation = new SpeculationOptions() })
            : null;
        return new MemoryEstimate(
            _weights,
            CacheBytes(positions, options.CacheType) + states,
            _activations.Bytes(Decoder.MaxBatchTokens, options.Parallel),
            VocabularyBytes,
            draft?.Total ?? 0);
    }

    /// <summary>The memory that embedding will need with a cache of its own, beside a model that continues text from the same file.</summary>
    /// <param name="options">How it will be loaded.</param>
    public MemoryEstimate EstimateEmbedding(LanguageModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        int context = EmbeddingModel.ContextFor(Config, _cacheLayers, options);
        int rows = Config.Causal ? Decoder.MaxBatchTokens : Math.Max(context, Decoder.MaxBatchTokens);
        return new MemoryEstimate(
            _weights,
            CacheBytes(EmbeddingModel.PositionsFor(context), options.CacheType) + ((long)_stateLength * sizeof(float)),
            _activations.Bytes(rows, parallel: 1) + ((long)rows * Config.EmbeddingLength * sizeof(float)),
            VocabularyBytes,
            0);
    }

    private static string? TokenText(GgufMetadata metadata, string key) =>
        metadata.GetInteger(key) is long id && metadata.GetStrings("tokenizer.ggml.tokens") is { } tokens && id >= 0 && id < tokens.Count ? tokens[(int)id] : null;

    // Measured with the vocabularies of Llama 2 and 3, SmolLM and BERT: strings, their index, and merges.
    private long VocabularyBytes => (200L * _tokens) + (110L * _merges);

    private long CacheBytes(long positions, KvElementType type)
    {
        long blocks = (positions + KvStorage.BlockTokens - 1) / KvStorage.BlockTokens;
        return checked(KvStorage.BytesFor(_cacheLayers, 1, type) * blocks);
    }
}
