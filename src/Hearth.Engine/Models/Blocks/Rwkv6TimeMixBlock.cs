using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Kernels.Activation;

namespace Hearth.Engine.Models.Blocks;

/// <summary>What differs between the uses of RWKV-6's time mixing.</summary>
/// <param name="Heads">Heads.</param>
/// <param name="KeyValueHeads">Heads of keys and values, each for several heads.</param>
/// <param name="Size">Elements of a head.</param>
/// <param name="MixRank">Length of the vector that each mixture's factors are made from.</param>
/// <param name="DecayRank">Length of the vector that decays are made from.</param>
/// <param name="HasNorm">Whether each head's result is normalised.</param>
internal sealed record Rwkv6Shape(int Heads, int KeyValueHeads, int Size, int MixRank, int DecayRank, bool HasNorm);

/// <summary>
/// The time mixing of RWKV-6 (arXiv:2404.05892, section 4.2). Without <c>time_mix_first</c> it is gated linear attention with decays that
/// also weigh the keys, as in models made from Qwen 2.
/// </summary>
internal sealed class Rwkv6TimeMixBlock : Block
{
    private const float HeadEpsilon = 64e-5f;
    private static readonly string[] s_mixtures = ["w", "k", "v", "r", "g"];
    private readonly Rwkv6Shape _shape;
    private readonly TokenShift _shift;
    private readonly Tensor _factors;
    private readonly IReadOnlyList<Tensor> _factorDown;
    private readonly IReadOnlyList<Tensor> _factorUp;
    private readonly Tensor[] _factorBiases;
    private readonly Tensor _decayDown;
    private readonly Tensor _decayUp;
    private readonly Tensor _decayBias;
    private readonly Tensor _bonus;
    private readonly (Tensor Weight, Tensor Bias) _key;
    private readonly (Tensor Weight, Tensor Bias) _value;
    private readonly (Tensor Weight, Tensor Bias) _receptance;
    private readonly Tensor _gate;
    private readonly Tensor _normWeight;
    private readonly Tensor _normBias;
    private readonly Tensor _output;
    private readonly RecurrentState _state;
    private readonly ScratchSlot _baseSlot;
    private readonly ScratchSlot _mixedSlot;
    private readonly ScratchSlot _mixRankSlot;
    private readonly ScratchSlot _decayRankSlot;
    private readonly ScratchSlot _decaySlot;
    private readonly ScratchSlot _keySlot;
    private readonly ScratchSlot _valueSlot;
    private readonly ScratchSlot _receptanceSlot;
    private readonly ScratchSlot _gateSlot;

    public Rwkv6TimeMixBlock(ModelBuilder builder, int layer, Rwkv6Shape shape)
    {
        WeightSource weights = builder.Weights;
        Scratch scratch = builder.Scratch;
        string prefix = $"blk.{layer}.time_mix_";
        int embedding = builder.Config.EmbeddingLength;
        int keys = shape.KeyValueHeads * shape.Size;
        (Tensor, Tensor) Projection(string name, int rows) => (weights.Matrix($"{prefix}{name}.weight", rows, embedding), weights.OptionalVector($"{prefix}{name}.bias", rows));

        _shape = shape;
        _shift = new TokenShift(builder);
        _factors = weights.Vector(prefix + "lerp_x.weight", embedding);
        _factorDown = weights.MatrixParts(prefix + "w1.weight", embedding, [.. Enumerable.Repeat(shape.MixRank, s_mixtures.Length)]);
        _factorUp = weights.Stack(prefix + "w2.weight", s_mixtures.Length, embedding, shape.MixRank);
        _factorBiases = FactorBiases(weights, prefix, embedding);
        _decayDown = weights.Matrix(prefix + "decay_w1.weight", shape.DecayRank, embedding);
        _decayUp = weights.Matrix(prefix + "decay_w2.weight", embedding, shape.DecayRank);
        _decayBias = weights.Vector(prefix + "decay.weight", embedding);
        _bonus = weights.OptionalVector(prefix + "first.weight", shape.Size, shape.Heads);
        _key = Projection("key", keys);
        _value = Projection("value", keys);
        _receptance = Projection("receptance", embedding);
        _gate = weights.Matrix(prefix + "gate.weight", embedding, embedding);
        _output = weights.Matrix(prefix + "output.weight", embedding, embedding);
        if (shape.HasNorm)
        {
            _normWeight = weights.Vector(prefix + "ln.weight", embedding);
            _normBias = weights.Vector(prefix + "ln.bias", embedding);
        }

        _state = builder.AddState((long)embedding * shape.Size);
        _baseSlot = scratch.Reserve("rwkv base", embedding);
        _mixedSlot = scratch.Reserve("mixed tokens", embedding);
        _mixRankSlot = scratch.Reserve("rwkv mix rank", shape.MixRank);
        _decayRankSlot = scratch.Reserve("rwkv decay rank", shape.DecayRank);
        _decaySlot = scratch.Reserve("rwkv decays", embedding);
        _keySlot = scratch.Reserve("rwkv keys", embedding);
        _valueSlot = scratch.Reserve("rwkv values", embedding);
        _receptanceSlot = scratch.Reserve("rwkv receptance", embedding);
        _gateSlot = scratch.Reserve("rwkv gate", embedding);
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor decays = step.Take(_decaySlot);
        Tensor keys = step.Take(_keySlot);
        Tensor values = step.Take(_valueSlot);
        Tensor receptance = step.Take(_receptanceSlot);
        Tensor gate = step.Take(_gateSlot);
        Tensor difference = _shift.Run(step, input);
        TokenShift.Mix(device, input, difference, _factors, step.Take(_baseSlot));

        Tensor decayRank = step.Take(_decayRankSlot);
        device.MatMul(Mixture(step, 0, input, difference), [new(_decayDown, Tensor.None, decayRank)]);
        device.Activate(new Activation(ActivationKind.Tanh), decayRank, decayRank);
        device.MatMul(decayRank, [new(_decayUp, _decayBias, decays)]);
        device.Activate(new Activation(ActivationKind.Exponential), decays, decays);
        device.Scale(decays, -1);
        device.Activate(new Activation(ActivationKind.Exponential), decays, decays);
        ProjectShared(step, Mixture(step, 1, input, difference), _key, keys);
        ProjectShared(step, Mixture(step, 2, input, difference), _value, values);
        device.MatMul(Mixture(step, 3, input, difference), [new(_receptance.Weight, _receptance.Bias, receptance)]);
        device.MatMul(Mixture(step, 4, input, difference), [new(_gate, Tensor.None, gate)]);
        if (_bonus.IsNone)
        {
            // keys * (1 - decays)
            Tensor weighed = step.Take(_mixedSlot);
            device.Multiply(keys, decays, weighed);
            device.Add(weighed, -1, keys);
        }

        float scale = _bonus.IsNone ? (float)(1 / Math.Sqrt(_shape.Size)) : 1;
        device.Wkv6(receptance, keys, values, decays, _bonus, scale, _shape.Heads, _state, values);
        if (_shape.HasNorm)
        {
            Tensor heads = values.Split(_shape.Heads);
            device.Norm(heads, new Normalization(NormKind.Layer, Tensor.None, Tensor.None, HeadEpsilon), heads);
            device.MultiplyVector(values, _normWeight);
            device.AddVector(values, _normBias);
        }

        Activation activation = _bonus.IsNone ? new Activation(ActivationKind.Sigmoid) : Activation.Silu;
        device.ActivateGated(activation, gate, values, values);
        device.MatMul(values, [new(_output, Tensor.None, destination, accumulate)]);
    }

    // Each mixture's factors depend on the data: a small network over the first mixture.
    private Tensor Mixture(in Step step, int mixture, Tensor input, Tensor difference)
    {
        Device device = step.Device;
        Tensor rank = step.Take(_mixRankSlot);
        Tensor mixed = step.Take(_mixedSlot);
        device.MatMul(step.Take(_baseSlot), [new(_factorDown[mixture], Tensor.None, rank)]);
        device.Activate(new Activation(ActivationKind.Tanh), rank, rank);
        device.MatMul(rank, [new(_factorUp[mixture], _factorBiases[mixture], mixed)]);
        device.Multiply(mixed, difference, mixed);
        device.Add(input, 1, mixed);
        return mixed;
    }

    // Keys and values of one head may serve several.
    private void ProjectShared(in Step step, Tensor input, (Tensor Weight, Tensor Bias) projection, Tensor destination)
    {
        Device device = step.Device;
        int sharers = _shape.Heads / _shape.KeyValueHeads;
        if (sharers == 1)
        {
            device.MatMul(input, [new(projection.Weight, projection.Bias, destination)]);
            return;
        }

        // The gate's place is free until the last mixture.
        Tensor few = step.Take(_gateSlot) with { Columns = projection.Weight.Rows };
        device.MatMul(input, [new(projection.Weight, projection.Bias, few)]);
        device.CopyColumns(few.Split(_shape.KeyValueHeads), 0, destination.Split(_shape.Heads), 0, _shape.Size, sharers);
    }

    private static Tensor[] FactorBiases(WeightSource weights, string prefix, int embedding)
    {
        // Where files hold both, the fused ones count.
        float[] fused = weights.OptionalFloats(prefix + "lerp_fused.weight", embedding, 1, 1, s_mixtures.Length);
        Tensor[] separate = [.. s_mixtures.Select(name => weights.OptionalVector($"{prefix}lerp_{name}.weight", embedding))];
        return fused.Length > 0 ? [.. Enumerable.Range(0, s_mixtures.Length).Select(mixture => weights.AddVector(fused.AsSpan(mixture * embedding, embedding)))]
            : Array.FindIndex(separate, vector => vector.IsNone) is >= 0 and int missing ? throw ModelException.MissingTensor($"{prefix}lerp_{s_mixtures[missing]}.weight")
            : separate;
    }
}
