using Hearth.Kernels.Formats;

namespace Hearth.Engine.Gguf;

/// <summary>A metadata entry as it is shown: long arrays and texts are shortened.</summary>
/// <param name="Key">The key.</param>
/// <param name="Type">The type's name, such as <c>u32</c> or <c>arr[str]</c>.</param>
/// <param name="Text">The value.</param>
public sealed record GgufEntry(string Key, string Type, string Text);

/// <summary>How many tensors have a type.</summary>
/// <param name="Type">The type.</param>
/// <param name="Count">Tensors.</param>
/// <param name="Bytes">Bytes of their data.</param>
public sealed record GgufTypeCount(TensorType Type, int Count, long Bytes);

/// <summary>A token with a role.</summary>
/// <param name="Role">The role as the key names it: <c>bos</c>, <c>eos</c>, <c>padding</c>.</param>
/// <param name="Id">The token's id.</param>
/// <param name="Text">The token; null when the vocabulary has no such id.</param>
public sealed record GgufSpecialToken(string Role, long Id, string? Text);

/// <summary>
/// What is worth knowing of a model file, for people. It never fails: what a file does not say, or says with an unexpected type, is null.
/// Values that some models give per layer (heads, feed-forward length) are text.
/// </summary>
public sealed record GgufSummary
{
    private const int MaxItems = 6;
    private const int MaxCharacters = 160;
    private const string TokenPrefix = "tokenizer.ggml.";
    private const string TokenSuffix = "_token_id";

    /// <summary><c>general.name</c>.</summary>
    public string? Name { get; private init; }

    /// <summary><c>general.architecture</c>.</summary>
    public string? Architecture { get; private init; }

    /// <summary>The format's version.</summary>
    public uint Version { get; private init; }

    /// <summary>Files of the model.</summary>
    public int PartCount { get; private init; }

    /// <summary>Bytes of all files.</summary>
    public long FileLength { get; private init; }

    /// <summary>Bytes of tensor data.</summary>
    public long TensorBytes { get; private init; }

    /// <summary>Tensors.</summary>
    public int TensorCount { get; private init; }

    /// <summary>Elements of all tensors.</summary>
    public long Parameters { get; private init; }

    /// <summary>Bits of tensor data per element; 0 without tensors.</summary>
    public double BitsPerWeight { get; private init; }

    /// <summary>The mix of types, such as <c>Q4_K_M</c>; of files that do not say, the type of most elements.</summary>
    public string? FileType { get; private init; }

    /// <summary>Whether <see cref="FileType"/> was derived from the tensors.</summary>
    public bool FileTypeIsGuessed { get; private init; }

    /// <summary>Tensors by type, the most bytes first.</summary>
    public required IReadOnlyList<GgufTypeCount> TensorTypes { get; init; }

    /// <summary>Tokens of context that it was trained with.</summary>
    public long? ContextLength { get; private init; }

    /// <summary>Width of the residual stream.</summary>
    public long? EmbeddingLength { get; private init; }

    /// <summary>Layers.</summary>
    public long? LayerCount { get; private init; }

    /// <summary>Attention heads.</summary>
    public string? HeadCount { get; private init; }

    /// <summary>Key and value heads.</summary>
    public string? KeyValueHeadCount { get; private init; }

    /// <summary>Width of the feed-forward layers.</summary>
    public string? FeedForwardLength { get; private init; }

    /// <summary>Experts of a layer; null for dense models.</summary>
    public long? ExpertCount { get; private init; }

    /// <summary>Experts that a token uses.</summary>
    public long? ExpertUsedCount { get; private init; }

    /// <summary>Tokens that sliding-window layers see.</summary>
    public long? SlidingWindow { get; private init; }

    /// <summary>The base of the rotary frequencies.</summary>
    public double? RopeFrequencyBase { get; private init; }

    /// <summary>Elements of a head that are rotated.</summary>
    public long? RopeDimensionCount { get; private init; }

    /// <summary>The kind of rope scaling: <c>linear</c>, <c>yarn</c>, <c>longrope</c>.</summary>
    public string? RopeScaling { get; private init; }

    /// <summary>The factor of the rope scaling.</summary>
    public double? RopeScalingFactor { get; private init; }

    /// <summary>Tokens in the vocabulary.</summary>
    public long? VocabularySize { get; private init; }

    /// <summary>The vocabulary's kind: <c>llama</c> (SentencePiece), <c>gpt2</c> (byte pairs), <c>bert</c> (word pieces).</summary>
    public string? VocabularyKind { get; private init; }

    /// <summary>The pre-tokeniser of byte-pair vocabularies.</summary>
    public string? PreTokenizer { get; private init; }

    /// <summary>Tokens with a role.</summary>
    public required IReadOnlyList<GgufSpecialToken> SpecialTokens { get; init; }

    /// <summary>Whether the file has a chat template.</summary>
    public bool HasChatTemplate { get; private init; }

    /// <summary>All metadata.</summary>
    public required IReadOnlyList<GgufEntry> Entries { get; init; }

    /// <summary>Describes a file.</summary>
    public static GgufSummary Describe(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Describe(file.Metadata, file.Tensors) with
        {
            Version = file.Version,
            PartCount = file.PartCount,
            FileLength = file.FileLength,
        };
    }

    /// <summary>A number of parameters as the field prints it: <c>361.82 M</c>.</summary>
    public static string FormatParameters(long parameters) => parameters switch
    {
        >= 1_000_000_000_000 => $"{parameters * 1e-12:F2} T",
        >= 1_000_000_000 => $"{parameters * 1e-9:F2} B",
        >= 1_000_000 => $"{parameters * 1e-6:F2} M",
        _ => $"{parameters * 1e-3:F2} K",
    };

    internal static GgufSummary Describe(GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors)
    {
        string? architecture = Text(metadata, "general.architecture");
        string? Key(string name) => architecture is null ? null : $"{architecture}.{name}";

        long bytes = tensors.Sum(tensor => tensor.ByteLength);
        double parameters = tensors.Sum(tensor => (double)tensor.Elements);
        string? fileType = Integer(metadata, "general.file_type") is { } id ? GgufFileTypes.NameOf(id) : null;
        return new GgufSummary
        {
            Name = Text(metadata, "general.name"),
            Architecture = architecture,
            TensorBytes = bytes,
            TensorCount = tensors.Count,
            Parameters = (long)parameters,
            BitsPerWeight = parameters > 0 ? bytes * 8.0 / parameters : 0,
            FileType = fileType ?? GgufFileTypes.Prevailing(tensors)?.ToString(),
            FileTypeIsGuessed = fileType is null && tensors.Count > 0,
            TensorTypes = [.. tensors.GroupBy(tensor => tensor.Type)
                .Select(group => new GgufTypeCount(group.Key, group.Count(), group.Sum(tensor => tensor.ByteLength)))
                .OrderByDescending(count => count.Bytes)],
            ContextLength = Integer(metadata, Key("context_length")),
            EmbeddingLength = Integer(metadata, Key("embedding_length")),
            LayerCount = Integer(metadata, Key("block_count")),
            HeadCount = Text(metadata, Key("attention.head_count")),
            KeyValueHeadCount = Text(metadata, Key("attention.head_count_kv")),
            FeedForwardLength = Text(metadata, Key("feed_forward_length")),
            ExpertCount = Integer(metadata, Key("expert_count")),
            ExpertUsedCount = Integer(metadata, Key("expert_used_count")),
            SlidingWindow = Integer(metadata, Key("attention.sliding_window")),
            RopeFrequencyBase = Float(metadata, Key("rope.freq_base")),
            RopeDimensionCount = Integer(metadata, Key("rope.dimension_count")),
            RopeScaling = Text(metadata, Key("rope.scaling.type")),
            RopeScalingFactor = Float(metadata, Key("rope.scaling.factor")),
            VocabularySize = Tokens(metadata)?.Count ?? Integer(metadata, Key("vocab_size")),
            VocabularyKind = Text(metadata, "tokenizer.ggml.model"),
            PreTokenizer = Text(metadata, "tokenizer.ggml.pre"),
            SpecialTokens = [.. Special(metadata)],
            HasChatTemplate = metadata.ContainsKey("tokenizer.chat_template"),
            Entries = [.. metadata.Select(Entry)],
        };
    }

    private static GgufEntry Entry(KeyValuePair<string, GgufValue> pair) =>
        new(pair.Key, pair.Value.TypeName, pair.Value.ToText(MaxItems, MaxCharacters));

    private static string? Text(GgufMetadata metadata, string? key) =>
        key is not null && metadata.TryGetValue(key, out GgufValue value) ? value.ToText(MaxItems, MaxCharacters) : null;

    private static long? Integer(GgufMetadata metadata, string? key) =>
        key is not null && metadata.TryGetValue(key, out GgufValue value) && value.TryGetInteger(out long number) ? number : null;

    private static double? Float(GgufMetadata metadata, string? key) =>
        key is not null && metadata.TryGetValue(key, out GgufValue value) && value.TryGetFloat(out double number) ? number : null;

    private static IReadOnlyList<string>? Tokens(GgufMetadata metadata) =>
        metadata.TryGetValue("tokenizer.ggml.tokens", out GgufValue value) && value.TryGetStrings(out IReadOnlyList<string>? tokens)
            ? tokens
            : null;

    private static IEnumerable<GgufSpecialToken> Special(GgufMetadata metadata)
    {
        IReadOnlyList<string> tokens = Tokens(metadata) ?? [];
        foreach ((string key, GgufValue value) in metadata)
        {
            if (key.Length > TokenPrefix.Length + TokenSuffix.Length
                && key.StartsWith(TokenPrefix, StringComparison.Ordinal)
                && key.EndsWith(TokenSuffix, StringComparison.Ordinal)
                && value.TryGetInteger(out long id))
            {
                yield return new GgufSpecialToken(
                    key[TokenPrefix.Length..^TokenSuffix.Length], id, id >= 0 && id < tokens.Count ? tokens[(int)id] : null);
            }
        }
    }
}
