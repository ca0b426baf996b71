using System.Runtime.InteropServices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Quantization;
using Hearth.Kernels.Formats;

namespace Hearth.Benchmarks.Synthesis;

/// <summary>Writes models of a real model's sizes, types and vocabulary with random weights: as fast or slow as the real one.</summary>
internal sealed class ModelSynthesizer
{
    private const float WeightDeviation = 0.02f;
    private const float NormDeviation = 0.1f;
    private const int ChunkBytes = 1 << 22;
    private const int UnusedToken = 5;
    private readonly ModelShape _shape;
    private readonly FileType _fileType;
    private readonly bool _pure;
    private readonly TypeMix _mix;
    private readonly Random _random;
    private readonly GgufWriter _writer = new();

    private ModelSynthesizer(ModelShape shape, FileType fileType, bool pure, int seed)
    {
        _shape = shape;
        _fileType = fileType;
        _pure = pure;
        _mix = new TypeMix(fileType, new ModelTraits(
            "llama", shape.Layers, shape.Experts, shape.Heads / shape.KeyValueHeads, Is70B: false, shape.TiedEmbedding, shape.Layers));
        _random = new Random(seed);
    }

    /// <summary>Writes a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">The sizes; the vocabulary's becomes the file's when that has more tokens.</param>
    /// <param name="fileType">Which tensor gets which type.</param>
    /// <param name="pure">Whether all matrices get the file type's default type.</param>
    /// <param name="vocabulary">Where the tokenizer's keys come from.</param>
    /// <param name="seed">The same seed gives the same file.</param>
    public static void Write(string path, ModelShape shape, FileType fileType, bool pure, GgufMetadata vocabulary, int seed)
    {
        int tokens = vocabulary.GetStrings("tokenizer.ggml.tokens")?.Count
            ?? throw GgufException.MissingKey("tokenizer.ggml.tokens");
        ModelSynthesizer synthesizer = new(shape with { VocabularySize = Math.Max(tokens, shape.VocabularySize) }, fileType, pure, seed);
        synthesizer.SetMetadata();
        synthesizer.CopyVocabulary(vocabulary);
        synthesizer.AddTensors();
        synthesizer._writer.Save(path);
    }

    private void SetMetadata()
    {
        _writer.Set("general.architecture", "llama")
            .Set("general.name", $"{_shape.Name} (random weights)")
            .Set("general.file_type", _fileType.Id)
            .Set("general.quantization_version", 2u)
            .Set("llama.vocab_size", (uint)_shape.VocabularySize)
            .Set("llama.context_length", (uint)_shape.ContextLength)
            .Set("llama.embedding_length", (uint)_shape.Embedding)
            .Set("llama.block_count", (uint)_shape.Layers)
            .Set("llama.feed_forward_length", (uint)_shape.FeedForward)
            .Set("llama.attention.head_count", (uint)_shape.Heads)
            .Set("llama.attention.head_count_kv", (uint)_shape.KeyValueHeads)
            .Set("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Set("llama.rope.dimension_count", (uint)_shape.HeadLength)
            .Set("llama.rope.freq_base", _shape.RopeBase);
        if (_shape.Experts > 0)
        {
            _writer.Set("llama.expert_count", (uint)_shape.Experts).Set("llama.expert_used_count", (uint)_shape.ExpertsUsed);
        }
    }

    private void CopyVocabulary(GgufMetadata vocabulary)
    {
        foreach ((string key, GgufValue value) in vocabulary.Where(pair => pair.Key.StartsWith("tokenizer.", StringComparison.Ordinal)))
        {
            _writer.Set(key, key switch
            {
                "tokenizer.ggml.tokens" => Pad([.. vocabulary.GetStrings(key)!], index => $"<unused_{index}>"),
                "tokenizer.ggml.scores" => Pad(vocabulary.GetFloats(key)!, _ => -10000f),
                "tokenizer.ggml.token_type" => Pad(vocabulary.GetIntegers(key)!, _ => UnusedToken),
                _ => value,
            });
        }
    }

    private T[] Pad<T>(T[] items, Func<int, T> unused) =>
        [.. items, .. Enumerable.Range(items.Length, _shape.VocabularySize - items.Length).Select(unused)];

    private void AddTensors()
    {
        int embedding = _shape.Embedding;
        if (_shape.RopeFactor != 1)
        {
            float[] factors = RopeFactors();
            _writer.Add("rope_freqs.weight", [factors.Length], factors);
        }

        AddMatrix("token_embd.weight", embedding, _shape.VocabularySize);
        for (int layer = 0; layer < _shape.Layers; layer++)
        {
            AddLayer(layer);
        }

        AddNorm("output_norm.weight");
        if (!_shape.TiedEmbedding)
        {
            AddMatrix("output.weight", embedding, _shape.VocabularySize);
        }
    }

    private void AddLayer(int layer)
    {
        int embedding = _shape.Embedding, feedForward = _shape.FeedForward, keyValues = _shape.KeyValueHeads * _shape.HeadLength;
        string prefix = $"blk.{layer}.";
        AddNorm($"{prefix}attn_norm.weight");
        AddMatrix($"{prefix}attn_q.weight", embedding, embedding);
        AddMatrix($"{prefix}attn_k.weight", embedding, keyValues);
        AddMatrix($"{prefix}attn_v.weight", embedding, keyValues);
        AddMatrix($"{prefix}attn_output.weight", embedding, embedding);
        AddNorm($"{prefix}ffn_norm.weight");
        if (_shape.Experts == 0)
        {
            AddMatrix($"{prefix}ffn_gate.weight", embedding, feedForward);
            AddMatrix($"{prefix}ffn_up.weight", embedding, feedForward);
            AddMatrix($"{prefix}ffn_down.weight", feedForward, embedding);
            return;
        }

        AddMatrix($"{prefix}ffn_gate_inp.weight", embedding, _shape.Experts);
        AddMatrix($"{prefix}ffn_gate_exps.weight", embedding, feedForward, _shape.Experts);
        AddMatrix($"{prefix}ffn_up_exps.weight", embedding, feedForward, _shape.Experts);
        AddMatrix($"{prefix}ffn_down_exps.weight", feedForward, embedding, _shape.Experts);
    }

    private void AddMatrix(string name, int columns, params ReadOnlySpan<long> rows)
    {
        long[] dimensions = [columns, .. rows];
        TensorType type = TypeOf(name, dimensions);
        long length = TensorTypes.ByteSize(type, dimensions.Aggregate(1L, (product, dimension) => product * dimension));
        _writer.Add(name, type, dimensions, stream => WriteRandom(stream, type, length));
    }

    private TensorType TypeOf(string name, long[] dimensions) =>
        !TensorCategories.IsQuantizable(name, dimensions) ? TensorType.F32
        : _fileType.Default is TensorType.F32 or TensorType.F16 or TensorType.BF16 ? _fileType.Default
        : TypeMix.Fit(_pure ? _fileType.Default : _mix.TypeOf(name, dimensions), dimensions[0]);

    private void AddNorm(string name) => _writer.Add(name, TensorType.F32, [_shape.Embedding], stream =>
    {
        float[] values = new float[_shape.Embedding];
        BlockSynthesizer.Fill(TensorType.F32, _random, NormDeviation, MemoryMarshal.AsBytes(values.AsSpan()));
        stream.Write(MemoryMarshal.AsBytes(Array.ConvertAll(values, value => 1 + value).AsSpan()));
    });

    private void WriteRandom(Stream stream, TensorType type, long length)
    {
        int blockBytes = TensorTypes.Get(type).BlockBytes;
        byte[] chunk = new byte[Math.Min(length, ChunkBytes / blockBytes * blockBytes)];
        for (long written = 0; written < length; written += chunk.Length)
        {
            Span<byte> blocks = chunk.AsSpan(0, (int)Math.Min(chunk.Length, length - written));
            BlockSynthesizer.Fill(type, _random, WeightDeviation, blocks);
            stream.Write(blocks);
        }
    }

    /// <summary>
    /// Llama 3.1's frequency factors: waves longer than the original context are stretched fully, those below a quarter of it not at all.
    /// </summary>
    private float[] RopeFactors()
    {
        const double OriginalContext = 8192, LowFactor = 1, HighFactor = 4;
        return [.. Enumerable.Range(0, _shape.HeadLength / 2).Select(pair =>
        {
            double waveLength = 2 * Math.PI * Math.Pow(_shape.RopeBase, 2.0 * pair / _shape.HeadLength);
            double smooth = Math.Clamp(((OriginalContext / waveLength) - LowFactor) / (HighFactor - LowFactor), 0, 1);
            return (float)(1 / (((1 - smooth) / _shape.RopeFactor) + smooth));
        })];
    }
}
