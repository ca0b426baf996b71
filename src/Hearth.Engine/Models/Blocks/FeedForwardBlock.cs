using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>Where a feed-forward network's gate is.</summary>
internal enum GateKind
{
    /// <summary>In a matrix of its own (<c>ffn_gate</c>).</summary>
    Separate,

    /// <summary>In the first half of <c>ffn_up</c>'s rows.</summary>
    Fused,

    /// <summary>There is none: <c>down(activation(up x))</c>.</summary>
    None,
}

/// <summary>A dense feed-forward network.</summary>
internal sealed record FeedForwardDescription
{
    /// <summary>Elements between up and down.</summary>
    public required int Width { get; init; }

    /// <summary>Where the gate is.</summary>
    public GateKind Gate { get; init; }

    /// <summary>The non-linearity.</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>
    /// Above 0: only gates that lie this many standard deviations above the mean of their row count, by how much they do.
    /// </summary>
    public float Sparsity { get; init; }

    /// <summary>What follows <c>ffn_gate</c>, <c>ffn_up</c> and <c>ffn_down</c> in the tensors' names.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>Whether the activation is divided by <c>ffn.act.scales</c> where the file has them (AWQ, arXiv:2306.00978).</summary>
    public bool ActivationScales { get; init; }

    /// <summary>The name of a norm in front of the down projection (BitNet's <c>ffn_sub_norm</c>), or null.</summary>
    public string? InnerNorm { get; init; }
}

/// <summary>
/// Gated linear units (arXiv:2002.05202), <c>down(activation(gate x) * up x)</c>, or a plain network without a gate. Biases by presence.
/// </summary>
internal sealed class FeedForwardBlock : Block
{
    private readonly Tensor[] _first;
    private readonly Tensor _gate;
    private readonly Tensor _gateBias;
    private readonly Tensor _up;
    private readonly Tensor _upBias;
    private readonly Tensor _down;
    private readonly Tensor _downBias;
    private readonly Tensor _activationFactors;
    private readonly Normalization? _innerNorm;
    private readonly Activation _activation;
    private readonly float _sparsity;
    private readonly ScratchSlot _gated;
    private readonly ScratchSlot _inner;

    public FeedForwardBlock(ModelBuilder builder, int layer, FeedForwardDescription description)
    {
        if (description.Width == 0)
        {
            throw ModelException.InvalidMetadata($"{builder.Config.Architecture}.feed_forward_length", $"0 in layer {layer}", "at least 1");
        }

        WeightSource weights = builder.Weights;
        string prefix = $"blk.{layer}.ffn_";
        string suffix = description.Suffix;
        int embedding = builder.Config.EmbeddingLength;
        int width = description.Width;
        if (description.Gate == GateKind.Fused)
        {
            IReadOnlyList<Tensor> parts = weights.MatrixParts($"{prefix}up{suffix}.weight", embedding, width, width);
            (_gate, _up) = (parts[0], parts[1]);
            if (weights.OptionalFloats($"{prefix}up{suffix}.bias", 2 * width) is { Length: > 0 } bias)
            {
                (_gateBias, _upBias) = (weights.AddVector(bias.AsSpan(0, width)), weights.AddVector(bias.AsSpan(width)));
            }
        }
        else
        {
            if (description.Gate == GateKind.Separate)
            {
                _gate = weights.Matrix($"{prefix}gate{suffix}.weight", width, embedding);
                _gateBias = weights.OptionalVector($"{prefix}gate{suffix}.bias", width);
            }

            _up = weights.Matrix($"{prefix}up{suffix}.weight", width, embedding);
            _upBias = weights.OptionalVector($"{prefix}up{suffix}.bias", width);
        }

        _down = weights.Matrix($"{prefix}down{suffix}.weight", embedding, width);
        _downBias = weights.OptionalVector($"{prefix}down{suffix}.bias", embedding);
        if (description.ActivationScales && weights.OptionalFloats($"blk.{layer}.ffn.act.scales", width) is { Length: > 0 } scales)
        {
            _activationFactors = weights.AddVector([.. scales.Select(scale => 1 / scale)]);
        }

        _first = _gate.IsNone ? [_up] : [_gate, _up];
        _innerNorm = description.InnerNorm is string name ? builder.Norm($"blk.{layer}.{name}", NormKind.RootMeanSquare, width) : null;
        _activation = description.Activation;
        _sparsity = description.Sparsity;
        _gated = builder.Scratch.Reserve("gate", width);
        _inner = builder.Scratch.Reserve("up", width);
    }

    public override ReadOnlySpan<Tensor> FirstWeights => _first;

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor inner = step.Take(_inner);
        if (_gate.IsNone)
        {
            device.MatMul(input, [new(_up, _upBias, inner)]);
            device.Activate(_activation, inner, inner);
        }
        else
        {
            Tensor gate = step.Take(_gated);
            device.MatMul(input, [new(_gate, _gateBias, gate), new(_up, _upBias, inner)]);
            if (_sparsity > 0)
            {
                device.KeepOutliers(gate, _sparsity);
            }

            device.ActivateGated(_activation, gate, inner, inner);
        }

        if (!_activationFactors.IsNone)
        {
            device.MultiplyVector(inner, _activationFactors);
        }

        if (_innerNorm is Normalization norm)
        {
            device.Norm(inner, norm, inner);
        }

        device.MatMul(inner, [new(_down, _downBias, destination, accumulate)]);
    }
}
