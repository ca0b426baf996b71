namespace Hearth.Engine.Sampling;

/// <summary>
/// A stage of the sampling chain. <see cref="SamplerNames"/> has their names in requests; docs/sampling.md their formulas.
/// </summary>
public enum SamplerKind
{
    /// <summary>Repetition, presence and frequency penalties.</summary>
    Penalties,

    /// <summary>DRY: penalises the continuation of repeated sequences.</summary>
    Dry,

    /// <summary>Keeps the logits within n standard deviations of the largest.</summary>
    TopNSigma,

    /// <summary>Keeps the k largest logits.</summary>
    TopK,

    /// <summary>Locally typical sampling.</summary>
    TypicalP,

    /// <summary>Nucleus sampling.</summary>
    TopP,

    /// <summary>Keeps the tokens with at least a fraction of the largest probability.</summary>
    MinP,

    /// <summary>XTC: sometimes excludes the top choices.</summary>
    Xtc,

    /// <summary>Temperature, fixed or dynamic.</summary>
    Temperature,
}
