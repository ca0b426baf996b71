using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Kernels.Activation;

namespace Hearth.Engine.Models.Blocks;

/// <summary>The sizes of RWKV-7's time mixing.</summary>
/// <param name="Size">Elements of a head.</param>
/// <param name="DecayRank">Length of the vector that decays are made from.</param>
/// <param name="RateRank">Length of the vector that rates of learning are made from.</param>
/// <param name="ValueRank">Length of the vector that shares of the first layer's values are made from.</param>
/// <param name="GateRank">Length of the vector that gates are made from; 0 for no gates.</param>
internal sealed record Rwkv7Shape(int Size, int DecayRank, int RateRank, int ValueRank, int GateRank);

/// <summary>The time mixing of RWKV-7 (arXiv:2503.14456, section 4). Gates and the norm of heads by presence.</summary>
internal sealed class Rwkv7TimeMixBlock : Block
{
    private const float HeadEpsilon = 64e-5f;
    private const float UnitEpsilon = 1e-12f;

    // Decays lie between e^(-e^(-1/2)) and 1.
    private const float LargestDecay = -0.606531f;
    private readonly int _heads;
    private readonly TokenShift _shift;
    private readonly Tensor[] _factors;
    private readonly LowRank _decay;
    private readonly LowRank _rate;
    private readonly LowRank? _share;
    private readonly LowRank? _gate;
    private readonly Tensor _key;
    private readonly Tensor _value;
    private readonly Tensor _receptance;
    private readonly Tensor _removedFactors;
    private readonly Tensor _replacedFactors;
    private readonly Tensor _bonus;
    private readonly Tensor _normWeight;
    private readonly Tensor _normBias;
    private readonly Tensor _output;
    private readonly RecurrentState _state;
    private readonly ScratchSlot _mixedSlot;
    private readonly ScratchSlot _decaySlot;
    private readonly ScratchSlot _rateSlot;
    private readonly ScratchSlot _gateSlot;
    private readonly ScratchSlot _keySlot;
    private readonly ScratchSlot _valueSlot;
    private readonly ScratchSlot _receptanceSlot;
    private readonly ScratchSlot _removedSlot;
    private readonly ScratchSlot _firstValueSlot;
    private readonly ScratchSlot _resultSlot;
    private readonly ScratchSlot _sumSlot;

    public Rwkv7TimeMixBlock(ModelBuilder builder, int layer, Rwkv7Shape shape)
    {
        WeightSource weights = builder.Weights;
        Scratch scratch = builder.Scratch;
        string prefix = $"blk.{layer}.time_mix_";
        int embedding = builder.Config.EmbeddingLength;
        bool gated = shape.GateRank > 0 && weights.Has(prefix + "g1.weight");
        int mixtures = gated ? 6 : 5;
        _heads = embedding / shape.Size;
        _shift = new TokenShift(builder);
        float[] factors = weights.OptionalFloats(prefix + "lerp_fused.weight", embedding, 1, 1, mixtures);
        _factors = factors.Length == 0
            ? throw ModelException.MissingTensor(prefix + "lerp_fused.weight")
            : [.. Enumerable.Range(0, mixtures).Select(mixture => weights.AddVector(factors.AsSpan(mixture * embedding, embedding)))];
        _decay = new LowRank(builder, prefix, "w", shape.DecayRank);
        _rate = new LowRank(builder, prefix, "a", shape.RateRank);
        LowRank? share = layer > 0 || weights.Has(prefix + "v0.weight") ? new LowRank(builder, prefix, "v", layer == 0 ? shape.RateRank : shape.ValueRank) : null;
        _share = layer > 0 ? share : null;
        _gate = gated ? new LowRank(builder, prefix, "g", shape.GateRank, hasBias: false) : null;
        _key = weights.Matrix(prefix + "key.weight", embedding, embedding);
        _value = weights.Matrix(prefix + "value.weight", embedding, embedding);
        _receptance = weights.Matrix(prefix + "receptance.weight", embedding, embedding);
        _removedFactors = weights.Vector(prefix + "k_k.weight", embedding);
        _replacedFactors = weights.Vector(prefix + "k_a.weight", embedding);
        _bonus = weights.Vector(prefix + "r_k.weight", embedding);
        _output = weights.Matrix(prefix + "output.weight", embedding, embedding);
        _normWeight = weights.OptionalVector(prefix + "ln.weight", embedding);
        _normBias = weights.OptionalVector(prefix + "ln.bias", embedding);

        _state = builder.AddState((long)embedding * shape.Size);
        _mixedSlot = scratch.Reserve("mixed tokens", embedding);
        _decaySlot = scratch.Reserve("rwkv decays", embedding);
        _rateSlot = scratch.Reserve("rwkv rates", embedding);
        _gateSlot = scratch.Reserve("rwkv gate", embedding);
        _keySlot = scratch.Reserve("rwkv keys", embedding);
        _valueSlot = scratch.Reserve("rwkv values", embedding);
        _receptanceSlot = scratch.Reserve("rwkv receptance", embedding);
        _removedSlot = scratch.Reserve("rwkv removed", embedding);
        _firstValueSlot = scratch.Reserve("rwkv first values", embedding);
        _resultSlot = scratch.Reserve("rwkv result", embedding);
        _sumSlot = scratch.Reserve("rwkv sums", _heads);
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor keys = step.Take(_keySlot);
        Tensor values = step.Take(_valueSlot);
        Tensor receptance = step.Take(_receptanceSlot);
        Tensor removed = step.Take(_removedSlot);
        Tensor decays = step.Take(_decaySlot);
        Tensor rates = step.Take(_rateSlot);
        Tensor result = step.Take(_resultSlot);
        Tensor mixed = step.Take(_mixedSlot);
        Project(step, input);

        // Removed keys have length one; what replaces them is weighed by the rates.
        device.CopyColumns(keys, 0, removed, 0, keys.Columns);
        device.MultiplyVector(removed, _removedFactors);
        device.Norm(removed.Split(_heads), new Normalization(NormKind.UnitLength, Tensor.None, Tensor.None, UnitEpsilon), removed.Split(_heads));
        device.CopyColumns(keys, 0, mixed, 0, keys.Columns);
        device.MultiplyVector(mixed, _replacedFactors);
        device.Add(mixed, -1, keys);
        device.Multiply(rates, mixed, mixed);
        device.Add(mixed, 1, keys);
        device.Multiply(removed, rates, rates);
        device.Scale(removed, -1);
        device.Wkv7(receptance, decays, keys, values, removed, rates, _heads, _state, result);
        if (!_normWeight.IsNone && !_normBias.IsNone)
        {
            device.Norm(result.Split(_heads), new Normalization(NormKind.Layer, Tensor.None, Tensor.None, HeadEpsilon), result.Split(_heads));
            device.MultiplyVector(result, _normWeight);
            device.AddVector(result, _normBias);
        }

        // The present token counts by how well its key meets the receptance.
        Tensor sums = step.Take(_sumSlot).Split(_heads);
        device.Multiply(keys, receptance, mixed);
        device.MultiplyVector(mixed, _bonus);
        device.SumRows(mixed.Split(_heads), sums);
        device.ScaleRows(sums, values.Split(_heads));
        device.Add(values, 1, result);
        if (_gate is not null)
        {
            device.Multiply(result, step.Take(_gateSlot), result);
        }

        device.MatMul(result, [new(_output, Tensor.None, destination, accumulate)]);
    }

    // The mixtures in the file's order: receptance, decay, key, value, rate, gate.
    private void Project(in Step step, Tensor input)
    {
        Device device = step.Device;
        Tensor mixed = step.Take(_mixedSlot);
        Tensor decays = step.Take(_decaySlot);
        Tensor rates = step.Take(_rateSlot);
        Tensor difference = _shift.Run(step, input);
        TokenShift.Mix(device, input, difference, _factors[0], mixed);
        device.MatMul(mixed, [new(_receptance, Tensor.None, step.Take(_receptanceSlot))]);
        TokenShift.Mix(device, input, difference, _factors[1], mixed);
        _decay.Run(step, mixed, new Activation(ActivationKind.Tanh), decays);
        device.Activate(new Activation(ActivationKind.Sigmoid), decays, decays);
        device.Scale(decays, LargestDecay);
        device.Activate(new Activation(ActivationKind.Exponential), decays, decays);
        TokenShift.Mix(device, input, difference, _factors[2], mixed);
        device.MatMul(mixed, [new(_key, Tensor.None, step.Take(_keySlot))]);
        TokenShift.Mix(device, input, difference, _factors[3], mixed);
        ProjectValues(step, mixed);
        TokenShift.Mix(device, input, difference, _factors[4], mixed);
        _rate.Run(step, mixed, null, rates);
        device.Activate(new Activation(ActivationKind.Sigmoid), rates, rates);
        if (_gate is not null)
        {
            TokenShift.Mix(device, input, difference, _factors[5], mixed);
            _gate.Run(step, mixed, new Activation(ActivationKind.Sigmoid), step.Take(_gateSlot));
        }
    }

    // Values of later layers move towards those of the first.
    private void ProjectValues(in Step step, Tensor mixed)
    {
        Device device = step.Device;
        Tensor values = step.Take(_valueSlot);
        Tensor first = step.Take(_firstValueSlot);
        device.MatMul(mixed, [new(_value, Tensor.None, values)]);
        if (_share is null)
        {
            device.CopyColumns(values, 0, first, 0, values.Columns);
            return;
        }

        Tensor shares = step.Take(_gateSlot);
        Tensor change = step.Take(_resultSlot);
        _share.Run(step, mixed, null, shares);
        device.CopyColumns(first, 0, change, 0, first.Columns);
        device.Add(values, -1, change);
        device.ActivateGated(new Activation(ActivationKind.Sigmoid), shares, change, change);
        device.Add(change, 1, values);
    }

    /// <summary><c>up(activation(down x)) + bias</c>.</summary>
    private sealed class LowRank
    {
        private readonly Tensor _down;
        private readonly Tensor _up;
        private readonly Tensor _bias;
        private readonly ScratchSlot _slot;

        public LowRank(ModelBuilder builder, string prefix, string name, int rank, bool hasBias = true)
        {
            int embedding = builder.Config.EmbeddingLength;
            _down = builder.Weights.Matrix($"{prefix}{name}1.weight", rank, embedding);
            _up = builder.Weights.Matrix($"{prefix}{name}2.weight", embedding, rank);
            _bias = hasBias ? builder.Weights.Vector($"{prefix}{name}0.weight", embedding) : Tensor.None;
            _slot = builder.Scratch.Reserve("rwkv rank", rank);
        }

        public void Run(in Step step, Tensor input, Activation? activation, Tensor destination)
        {
            Tensor inner = step.Take(_slot);
            step.Device.MatMul(input, [new(_down, Tensor.None, inner)]);
            if (activation is Activation function)
            {
                step.Device.Activate(function, inner, inner);
            }

            step.Device.MatMul(inner, [new(_up, _bias, destination)]);
        }
    }
}
