using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>Activations that the blocks share; every step overwrites them.</summary>
internal sealed class DecoderScratch(Device device, ModelConfig config, int maxTokens)
{
    /// <summary>The residual stream <c>[tokens, embedding]</c>.</summary>
    public Tensor Hidden { get; } = device.Allocate(maxTokens, config.EmbeddingLength);

    /// <summary>A block's normalised input <c>[tokens, embedding]</c>.</summary>
    public Tensor Normed { get; } = device.Allocate(maxTokens, config.EmbeddingLength);

    /// <summary>Queries <c>[tokens, heads * keyLength]</c>.</summary>
    public Tensor Queries { get; } = device.Allocate(maxTokens, config.HeadCount * config.KeyLength);

    /// <summary>Keys <c>[tokens, keyValueHeads * keyLength]</c>.</summary>
    public Tensor Keys { get; } = device.Allocate(maxTokens, config.KeyValueHeadCount * config.KeyLength);

    /// <summary>Values <c>[tokens, keyValueHeads * valueLength]</c>.</summary>
    public Tensor Values { get; } = device.Allocate(maxTokens, config.KeyValueHeadCount * config.ValueLength);

    /// <summary>What attention gathered <c>[tokens, heads * valueLength]</c>.</summary>
    public Tensor Attended { get; } = device.Allocate(maxTokens, config.HeadCount * config.ValueLength);

    /// <summary>The feed-forward network's gate <c>[tokens, feedForward]</c>.</summary>
    public Tensor Gate { get; } = device.Allocate(maxTokens, config.FeedForwardLength);

    /// <summary>The feed-forward network's values <c>[tokens, feedForward]</c>.</summary>
    public Tensor Up { get; } = device.Allocate(maxTokens, config.FeedForwardLength);
}
