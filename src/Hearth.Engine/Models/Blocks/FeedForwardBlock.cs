using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>A feed-forward network: in front of it a norm, around it the residual connection.</summary>
internal abstract class FeedForwardBlock
{
    public abstract void Run(Device device, DecoderScratch scratch, int tokens);
}

/// <summary>SiLU-gated linear units (arXiv:2002.05202): <c>down(silu(gate x) * up x)</c>.</summary>
internal sealed class GatedFeedForward : FeedForwardBlock
{
    private readonly Tensor _norm;
    private readonly Tensor _gate;
    private readonly Tensor _gateBias;
    private readonly Tensor _up;
    private readonly Tensor _upBias;
    private readonly Tensor _down;
    private readonly Tensor _downBias;
    private readonly float _epsilon;

    public GatedFeedForward(WeightSource source, ModelConfig config, int layer)
    {
        string prefix = $"blk.{layer}.ffn_";
        int embedding = config.EmbeddingLength;
        int width = config.FeedForwardLength;
        _norm = source.Vector(prefix + "norm.weight", embedding);
        _gate = source.Matrix(prefix + "gate.weight", width, embedding);
        _gateBias = source.OptionalVector(prefix + "gate.bias", width);
        _up = source.Matrix(prefix + "up.weight", width, embedding);
        _upBias = source.OptionalVector(prefix + "up.bias", width);
        _down = source.Matrix(prefix + "down.weight", embedding, width);
        _downBias = source.OptionalVector(prefix + "down.bias", embedding);
        _epsilon = config.NormEpsilon;
    }

    public override void Run(Device device, DecoderScratch scratch, int tokens)
    {
        Tensor hidden = scratch.Hidden.Take(tokens);
        Tensor normed = scratch.Normed.Take(tokens);
        Tensor gate = scratch.Gate.Take(tokens);
        Tensor up = scratch.Up.Take(tokens);
        device.RmsNorm(hidden, _norm, _epsilon, normed);
        device.MatMul(normed, [new(_gate, _gateBias, gate), new(_up, _upBias, up)]);
        device.SiluGated(gate, up, gate);
        device.MatMul(gate, [new(_down, _downBias, hidden, Accumulate: true)]);
    }
}

/// <summary>A sparse mixture of SiLU-gated experts (arXiv:2401.04088): softmax over all experts, the best few chosen, their weights made to sum to 1.</summary>
internal sealed class MixtureOfExperts : FeedForwardBlock
{
    private readonly Tensor _norm;
    private readonly Tensor _router;
    private readonly ExpertWeights _experts;
    private readonly ExpertRouting _routing;
    private readonly float _epsilon;

    public MixtureOfExperts(WeightSource source, ModelConfig config, int layer)
    {
        string prefix = $"blk.{layer}.ffn_";
        int embedding = config.EmbeddingLength;
        int width = config.FeedForwardLength;
        _norm = source.Vector(prefix + "norm.weight", embedding);
        _router = source.Matrix(prefix + "gate_inp.weight", config.ExpertCount, embedding);
        _experts = new ExpertWeights(
            source.Matrices(prefix + "gate_exps.weight", config.ExpertCount, width, embedding),
            source.Matrices(prefix + "up_exps.weight", config.ExpertCount, width, embedding),
            source.Matrices(prefix + "down_exps.weight", config.ExpertCount, embedding, width));
        _routing = new ExpertRouting(config.ExpertUsedCount, NormalizeWeights: true, config.ExpertWeightScale);
        _epsilon = config.NormEpsilon;
    }

    public override void Run(Device device, DecoderScratch scratch, int tokens)
    {
        Tensor hidden = scratch.Hidden.Take(tokens);
        Tensor normed = scratch.Normed.Take(tokens);
        device.RmsNorm(hidden, _norm, _epsilon, normed);
        device.MixExperts(normed, _router, _experts, _routing, hidden);
    }
}
