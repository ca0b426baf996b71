using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Llama;

/// <summary>Llama, Mistral, Mixtral and Mistral 3: root-mean-square norms, grouped-query attention, SiLU-gated networks or experts.</summary>
internal sealed class LlamaFamily : ModelFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["llama", "mistral3"];

    public override ModelConfig ReadConfig(ConfigReader reader)
    {
        int embedding = reader.Count("embedding_length");
        int heads = reader.Count("attention.head_count", maximum: 4096);
        int keyValueHeads = reader.OptionalCount("attention.head_count_kv", maximum: 4096) ?? heads;
        int keyLength = reader.OptionalCount("attention.key_length", maximum: 65_536) ?? embedding / heads;
        if (keyLength == 0 || heads % keyValueHeads != 0)
        {
            throw ModelException.InvalidMetadata($"{reader.Architecture}.attention.head_count", $"{heads} heads of {keyLength} over {keyValueHeads}", "a multiple of attention.head_count_kv, at most embedding_length");
        }

        int contextLength = reader.Count("context_length", maximum: int.MaxValue);
        RopeConfig rope = RopeConfigReader.Read(reader, keyLength, contextLength);
        int experts = reader.OptionalCount("expert_count", minimum: 0, maximum: 4096) ?? 0;
        return new ModelConfig
        {
            Architecture = reader.Architecture,
            ContextLength = contextLength,
            EmbeddingLength = embedding,
            LayerCount = reader.Count("block_count", maximum: 4096),
            VocabularySize = reader.VocabularySize(),
            HeadCount = heads,
            KeyValueHeadCount = keyValueHeads,
            KeyLength = keyLength,
            ValueLength = reader.OptionalCount("attention.value_length", maximum: 65_536) ?? embedding / heads,
            FeedForwardLength = reader.Count("feed_forward_length"),
            NormEpsilon = reader.Number("attention.layer_norm_rms_epsilon", 0, 1),
            Rope = rope,
            AttentionScale = reader.OptionalNumber("attention.scale", 0, 1e6) is float scale and not 0 ? scale : (float)(1 / Math.Sqrt(keyLength)),
            QueryTemperatureScale = reader.OptionalNumber("attention.temperature_scale", -1e6, 1e6) ?? 0,
            ExpertCount = experts,
            ExpertUsedCount = experts == 0 ? 0 : reader.Count("expert_used_count", maximum: experts),
            ExpertWeightScale = reader.OptionalNumber("expert_weights_scale", 0, 1e6) is float weightScale and not 0 ? weightScale : 1,
        };
    }

    public override DecoderWeights Compose(WeightSource source, ModelConfig config)
    {
        Tensor embedding = source.Matrix("token_embd.weight", config.VocabularySize, config.EmbeddingLength);
        Tensor output = source.OptionalMatrix("output.weight", config.VocabularySize, config.EmbeddingLength);
        DecoderLayer[] layers = new DecoderLayer[config.LayerCount];
        for (int layer = 0; layer < layers.Length; layer++)
        {
            layers[layer] = new DecoderLayer(
                new AttentionBlock(source, config, layer, RopePairing.Adjacent),
                config.ExpertCount == 0 ? new GatedFeedForward(source, config, layer) : new MixtureOfExperts(source, config, layer));
        }

        return new DecoderWeights(
            embedding,
            layers,
            source.Vector("output_norm.weight", config.EmbeddingLength),
            output.IsNone ? embedding : output,
            source.OptionalFloats("rope_freqs.weight", config.Rope.DimensionCount / 2));
    }
}
