namespace Hearth.Engine.Devices;

/// <summary>How router logits become the weights of the chosen experts.</summary>
public enum ExpertGating
{
    /// <summary>A softmax over all experts.</summary>
    Softmax,

    /// <summary>A sigmoid per expert.</summary>
    Sigmoid,

    /// <summary>A softmax over the logits of the chosen experts.</summary>
    SelectedSoftmax,

    /// <summary><c>sqrt(softplus(logit))</c> per expert.</summary>
    SquareRootSoftplus,
}

/// <summary>How a mixture of experts is to be computed.</summary>
public readonly record struct ExpertRouting
{
    /// <summary>Routing with a weight scale of 1 and one group.</summary>
    public ExpertRouting()
    {
    }

    /// <summary>Experts that each token goes to.</summary>
    public required int ExpertsUsed { get; init; }

    /// <summary>How logits become weights.</summary>
    public ExpertGating Gating { get; init; }

    /// <summary>Divides the chosen experts' weights by their sum.</summary>
    public bool NormalizeWeights { get; init; }

    /// <summary>A factor of the experts' weights.</summary>
    public float WeightScale { get; init; } = 1;

    /// <summary>
    /// Groups of neighbouring experts; those with the best two members are preferred when fewer are used (arXiv:2412.19437, 2.1.2).
    /// </summary>
    public int Groups { get; init; } = 1;

    /// <summary>Groups that a token's experts may come from.</summary>
    public int GroupsUsed { get; init; } = 1;

    /// <summary>
    /// Neighbouring outputs of the router that stand for one expert. The best outputs are chosen, each for its expert, with the probability
    /// that the router has at the expert's own number; an expert that is chosen several times counts as often (GroveMoE, arXiv:2508.07785).
    /// </summary>
    public int OutputsPerExpert { get; init; } = 1;

    /// <summary>Applies an expert's weight to its input instead of its output.</summary>
    public bool ScalesInput { get; init; }

    /// <summary>The experts' non-linearity.</summary>
    public Activation Activation { get; init; } = Activation.Silu;
}

/// <summary>The weights of a mixture of experts.</summary>
public sealed record ExpertWeights
{
    /// <summary>Router <c>[experts, embedding]</c>.</summary>
    public required Tensor Router { get; init; }

    /// <summary>Vector <c>[experts]</c> added to the router's logits, or none.</summary>
    public Tensor RouterBias { get; init; }

    /// <summary>Vector <c>[experts]</c> added to the weights only to choose experts, or none.</summary>
    public Tensor SelectionBias { get; init; }

    /// <summary>Gate weights, one handle per expert, each <c>[feedForward, embedding]</c>; empty for networks without a gate.</summary>
    public IReadOnlyList<Tensor> Gate { get; init; } = [];

    /// <summary>Up weights, one handle per expert, each <c>[feedForward, embedding]</c>.</summary>
    public required IReadOnlyList<Tensor> Up { get; init; }

    /// <summary>Down weights, one handle per expert, each <c>[embedding, feedForward]</c>.</summary>
    public required IReadOnlyList<Tensor> Down { get; init; }

    /// <summary>Vector <c>[experts * feedForward]</c>, or none.</summary>
    public Tensor GateBias { get; init; }

    /// <summary>Vector <c>[experts * feedForward]</c>, or none.</summary>
    public Tensor UpBias { get; init; }

    /// <summary>Vector <c>[experts * embedding]</c>, or none.</summary>
    public Tensor DownBias { get; init; }
}
