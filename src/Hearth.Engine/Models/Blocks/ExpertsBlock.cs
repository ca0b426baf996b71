using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>A mixture of experts.</summary>
internal sealed record ExpertsDescription
{
    /// <summary>Experts of the layer.</summary>
    public required int Count { get; init; }

    /// <summary>Elements between an expert's up and down.</summary>
    public required int Width { get; init; }

    /// <summary>How experts are chosen, weighted and activated.</summary>
    public required ExpertRouting Routing { get; init; }

    /// <summary>Whether experts have a gate.</summary>
    public bool Gated { get; init; } = true;

    /// <summary>Width of the experts that every token goes to, all together; 0 for none.</summary>
    public int SharedWidth { get; init; }

    /// <summary>The shared experts' non-linearity; null for that of the routed ones.</summary>
    public Activation? SharedActivation { get; init; }

    /// <summary>The name of the bias for choosing experts, which a file may lack.</summary>
    public string SelectionBias { get; init; } = "exp_probs_b.bias";

    /// <summary>What follows <c>ffn_gate</c>, <c>ffn_up</c> and <c>ffn_down</c> in the tensors' names.</summary>
    public string Suffix { get; init; } = "_exps";

    /// <summary>
    /// Elements that routed experts see and make, between projections of their own (<c>ffn_latent_down</c> and <c>ffn_latent_up</c>); 0 for
    /// none.
    /// </summary>
    public int LatentWidth { get; init; }

    /// <summary>Whether the shared experts' output is multiplied by a sigmoid of <c>ffn_gate_inp_shexp</c>.</summary>
    public bool SharedGate { get; init; }
}

/// <summary>
/// A sparse mixture of experts (arXiv:2401.04088) with optional shared experts (arXiv:2401.06066). Biases, the selection bias
/// (<c>exp_probs_b</c>) and a fused <c>ffn_gate_up_exps</c> by presence.
/// </summary>
internal sealed class ExpertsBlock : Block
{
    private readonly ExpertWeights _experts;
    private readonly ExpertRouting _routing;
    private readonly FeedForwardBlock? _shared;
    private readonly Tensor _sharedGate;
    private readonly ScratchSlot _sharedOutput;
    private readonly ScratchSlot _sharedFactor;
    private readonly ScratchSlot? _routed;
    private readonly Tensor _latentDown;
    private readonly Tensor _latentUp;
    private readonly ScratchSlot _latentInput;
    private readonly ScratchSlot _latentOutput;

    /// <param name="builder">The model in the making.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="description">What the experts are like.</param>
    /// <param name="routed">Activations that the router reads instead of the block's input, filled by the caller; null for the
    /// input.</param>
    public ExpertsBlock(ModelBuilder builder, int layer, ExpertsDescription description, ScratchSlot? routed = null)
    {
        WeightSource weights = builder.Weights;
        string prefix = $"blk.{layer}.ffn_";
        int embedding = builder.Config.EmbeddingLength;
        int count = description.Count;
        int width = description.Width;
        string suffix = description.Suffix;
        int outputs = checked(count * description.Routing.OutputsPerExpert);
        Tensor router = weights.Matrix($"{prefix}gate_inp.weight", outputs, embedding);
        Tensor routerBias = weights.OptionalVector($"{prefix}gate_inp.bias", outputs);
        int inputs = embedding;
        if (description.LatentWidth > 0)
        {
            inputs = description.LatentWidth;
            _latentDown = weights.Matrix($"{prefix}latent_down.weight", inputs, embedding);
            _latentUp = weights.Matrix($"{prefix}latent_up.weight", embedding, inputs);
            _latentInput = builder.Scratch.Reserve("latent experts' input", inputs);
            _latentOutput = builder.Scratch.Reserve("latent experts' output", inputs);
        }

        (IReadOnlyList<Tensor> gate, IReadOnlyList<Tensor> up) = GateAndUp(weights, prefix, description, inputs);
        _experts = new ExpertWeights
        {
            Router = router,
            RouterBias = routerBias,
            SelectionBias = weights.OptionalVector($"blk.{layer}.{description.SelectionBias}", outputs),
            Gate = gate,
            Up = up,
            Down = weights.Stack($"{prefix}down{suffix}.weight", count, inputs, width),
            GateBias = weights.OptionalVector($"{prefix}gate{suffix}.bias", width, count),
            UpBias = weights.OptionalVector($"{prefix}up{suffix}.bias", width, count),
            DownBias = weights.OptionalVector($"{prefix}down{suffix}.bias", inputs, count),
        };
        _routing = description.Routing;
        _routed = routed;
        if (description.SharedWidth > 0)
        {
            FeedForwardDescription shared = new()
            {
                Width = description.SharedWidth,
                Gate = description.Gated ? GateKind.Separate : GateKind.None,
                Activation = description.SharedActivation ?? description.Routing.Activation,
                Suffix = "_shexp",
            };
            _shared = new FeedForwardBlock(builder, layer, shared);
            _sharedGate = description.SharedGate ? weights.Matrix($"{prefix}gate_inp_shexp.weight", 1, embedding) : Tensor.None;
            _sharedOutput = builder.Scratch.Reserve("shared experts", embedding);
            _sharedFactor = builder.Scratch.Reserve("shared gate", 1);
        }
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor routed = _routed is ScratchSlot slot ? step.Take(slot) : input;
        RunRouted(step, routed, input, destination, accumulate);
        if (_shared is null)
        {
            return;
        }

        if (_sharedGate.IsNone)
        {
            _shared.Run(step, input, destination, accumulate: true);
            return;
        }

        Tensor factor = step.Take(_sharedFactor);
        Tensor output = step.Take(_sharedOutput);
        device.MatMul(input, [new(_sharedGate, Tensor.None, factor)]);
        device.Activate(new Activation(Kernels.Activation.ActivationKind.Sigmoid), factor, factor);
        _shared.Run(step, input, output, accumulate: false);
        device.ScaleRows(factor, output);
        device.Add(output, 1, destination);
    }

    private void RunRouted(in Step step, Tensor routed, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        if (!_latentDown.IsNone)
        {
            Tensor latentInput = step.Take(_latentInput);
            Tensor latentOutput = step.Take(_latentOutput);
            device.MatMul(input, [new(_latentDown, Tensor.None, latentInput)]);
            device.Scale(latentOutput, 0);
            device.MixExperts(routed, latentInput, _experts, _routing, latentOutput);
            device.MatMul(latentOutput, [new(_latentUp, Tensor.None, destination, accumulate)]);
            return;
        }

        if (!accumulate)
        {
            device.Scale(destination, 0);
        }

        device.MixExperts(routed, input, _experts, _routing, destination);
    }

    private static (IReadOnlyList<Tensor> Gate, IReadOnlyList<Tensor> Up) GateAndUp(WeightSource weights, string prefix, ExpertsDescription description, int embedding)
    {
        int width = description.Width;
        string suffix = description.Suffix;
        if (description.Gated && weights.Has($"{prefix}gate_up{suffix}.weight"))
        {
            IReadOnlyList<IReadOnlyList<Tensor>> fused = weights.StackParts($"{prefix}gate_up{suffix}.weight", description.Count, embedding, width, width);
            return ([.. fused.Select(parts => parts[0])], [.. fused.Select(parts => parts[1])]);
        }

        return (
            description.Gated ? weights.Stack($"{prefix}gate{suffix}.weight", description.Count, width, embedding) : [],
            weights.Stack($"{prefix}up{suffix}.weight", description.Count, width, embedding));
    }
}
