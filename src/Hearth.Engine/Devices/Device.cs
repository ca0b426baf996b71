using Hearth.Engine.Cache;
using Hearth.Kernels.MatMul;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Devices;

/// <summary>How attention is to be computed in one layer.</summary>
/// <param name="Layer">The layer's place in the key-value cache.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Scale">The factor of the scores before the softmax.</param>
/// <param name="Window">Positions in sight, the token's own included; 0 for all.</param>
/// <param name="SoftCap">c of <c>c * tanh(score / c)</c>; 0 for none.</param>
public readonly record struct AttentionShape(int Layer, int Heads, float Scale, int Window = 0, float SoftCap = 0);

/// <summary>How a mixture of experts is to be computed.</summary>
/// <param name="ExpertsUsed">Experts that each token goes to.</param>
/// <param name="NormalizeWeights">Divides the chosen experts' probabilities by their sum.</param>
/// <param name="WeightScale">A factor of the experts' weights; 1 for none.</param>
public readonly record struct ExpertRouting(int ExpertsUsed, bool NormalizeWeights, float WeightScale);

/// <summary>The three matrices of every expert.</summary>
/// <param name="Gate">Gate weights, one handle per expert, each <c>[feedForward, embedding]</c>.</param>
/// <param name="Up">Up weights, one handle per expert, each <c>[feedForward, embedding]</c>.</param>
/// <param name="Down">Down weights, one handle per expert, each <c>[embedding, feedForward]</c>.</param>
public sealed record ExpertWeights(IReadOnlyList<Tensor> Gate, IReadOnlyList<Tensor> Up, IReadOnlyList<Tensor> Down);

/// <summary>
/// What model code calls instead of touching numbers. Operations take <see cref="Tensor"/> handles; what changes from step to step
/// (<see cref="StepInputs"/>) is given to <see cref="Begin"/>. The result for a row depends on that row alone, whatever else is in the batch.
/// </summary>
public abstract class Device : IDisposable
{
    /// <summary>Makes a weight matrix known. The memory behind it must outlive the device.</summary>
    public abstract Tensor AddWeights(WeightMatrix matrix);

    /// <summary>Makes a vector (norm weight, bias) known; it is kept as 32-bit floats.</summary>
    public abstract Tensor AddVector(ReadOnlySpan<float> values);

    /// <summary>Reserves activations <c>[rows, columns]</c>.</summary>
    public abstract Tensor Allocate(int rows, int columns);

    /// <summary>Starts a step.</summary>
    public abstract void Begin(StepInputs inputs, KvPool pool);

    /// <summary>Looks the step's tokens up in an embedding table: <c>[tokens, columns]</c>.</summary>
    public abstract void EmbedTokens(Tensor table, Tensor destination);

    /// <summary>Multiplies one input by several weights.</summary>
    public abstract void MatMul(Tensor input, ReadOnlySpan<Projection> projections);

    /// <summary>Root-mean-square norm of each row: <c>x / sqrt(mean(x²) + epsilon) * weight</c>.</summary>
    public abstract void RmsNorm(Tensor input, Tensor weight, float epsilon, Tensor destination);

    /// <summary>Rotates pairs of each head by the step's angles, in place.</summary>
    public abstract void Rope(Tensor tensor, int heads, RopePairing pairing);

    /// <summary>Multiplies each row by the step's query scale, in place.</summary>
    public abstract void ScaleQueries(Tensor queries);

    /// <summary>Writes the step's keys and values into the cache.</summary>
    public abstract void Store(Tensor keys, Tensor values, int layer);

    /// <summary>Attention of the step's queries over the cache.</summary>
    public abstract void Attend(Tensor queries, Tensor destination, in AttentionShape shape);

    /// <summary><c>destination = silu(gate) * up</c>.</summary>
    public abstract void SiluGated(Tensor gate, Tensor up, Tensor destination);

    /// <summary>Routes each row of <paramref name="input"/> to its experts and adds their weighted outputs to <paramref name="destination"/>.</summary>
    /// <param name="input">Normalised activations <c>[tokens, embedding]</c>.</param>
    /// <param name="router">Router weights <c>[experts, embedding]</c>.</param>
    /// <param name="experts">The experts' weights.</param>
    /// <param name="routing">How experts are chosen and weighted.</param>
    /// <param name="destination">Activations <c>[tokens, embedding]</c> that are added to.</param>
    public abstract void MixExperts(Tensor input, Tensor router, ExpertWeights experts, in ExpertRouting routing, Tensor destination);

    /// <summary>Gathers the rows whose logits are wanted.</summary>
    public abstract void SelectOutputRows(Tensor source, Tensor destination, int firstOutput);

    /// <summary>Copies activations to the host.</summary>
    public abstract void Read(Tensor tensor, Span<float> destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the device's memory.</summary>
    protected abstract void Dispose(bool disposing);
}
