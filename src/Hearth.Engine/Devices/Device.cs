using Hearth.Engine.Cache;

using Hearth.Kernels.MatMul;

namespace Hearth.Engine.Devices;

/// <summary>
/// What model code calls instead of touching numbers. Operations take <see cref="Tensor"/> handles; what changes from step to step
/// (<see cref="StepInputs"/>) is given to <see cref="Begin"/>. The result for a row depends on that row alone, whatever else is in the
/// batch.
/// </summary>
public abstract partial class Device : IDisposable
{
    /// <summary>Makes a weight matrix known. The memory behind it must outlive the device.</summary>
    /// <param name="matrix">The weights.</param>
    /// <param name="scale">A factor of every product with the matrix.</param>
    public abstract Tensor AddWeights(WeightMatrix matrix, float scale = 1);

    /// <summary>Adds a low-rank change to a weight matrix. The memory behind it must outlive the device.</summary>
    public abstract void Adapt(Tensor weight, WeightAdapter adapter);

    /// <summary>Makes a vector (norm weight, bias) known; it is kept as 32-bit floats.</summary>
    public abstract Tensor AddVector(ReadOnlySpan<float> values);

    /// <summary>Reserves activations <c>[rows, columns]</c>.</summary>
    public abstract Tensor Allocate(int rows, int columns);

    /// <summary>Gives activations more rows; what they held is lost.</summary>
    /// <returns>The new handle, with the same index.</returns>
    public abstract Tensor Resize(Tensor tensor, int rows);

    /// <summary>Gets ready to multiply by the weights that are known: what the first products would wait for is done here.</summary>
    public abstract void Prepare();

    /// <summary>Starts a step.</summary>
    public abstract void Begin(StepInputs inputs, KvPool pool);

    /// <summary>Looks the step's tokens up in a table: <c>[tokens, columns]</c>.</summary>
    public abstract void EmbedTokens(Tensor table, Tensor destination);

    /// <summary>Looks the step's positions up in a table: <c>[tokens, columns]</c>.</summary>
    /// <exception cref="ArgumentException">A position is beyond the table.</exception>
    public abstract void EmbedPositions(Tensor table, Tensor destination);

    /// <summary>Multiplies one input by several weights.</summary>
    public abstract void MatMul(Tensor input, ReadOnlySpan<Projection> projections);

    /// <summary>
    /// Multiplies each part of a row by a matrix of its own: input <c>[tokens, parts * (skip + columns + …)]</c>, of each part the elements
    /// from
    /// <paramref name="inputOffset"/> on; the results go to each part of the destination from <paramref name="destinationOffset"/> on.
    /// </summary>
    public abstract void MatMulParts(Tensor input, int inputOffset, IReadOnlyList<Tensor> weights, Tensor destination, int destinationOffset);

    /// <summary>Norm of each row; the destination may be the input.</summary>
    public abstract void Norm(Tensor input, in Normalization norm, Tensor destination);

    /// <summary>
    /// Norm of each row, whose first use is a product with some weights: the next call must be <see cref="MatMul"/> of the destination by
    /// these, so that a device may prepare both in one pass.
    /// </summary>
    /// <param name="input">Activations <c>[rows, columns]</c>.</param>
    /// <param name="norm">The norm.</param>
    /// <param name="destination">The normalised rows; may be the input.</param>
    /// <param name="weights">The weights of the products; with none this is an ordinary norm.</param>
    public abstract void Norm(Tensor input, in Normalization norm, Tensor destination, ReadOnlySpan<Tensor> weights);

    /// <summary>Rotates pairs of each head by the step's angles, in place.</summary>
    public abstract void Rope(Tensor tensor, int heads, in RopeShape shape);

    /// <summary>Multiplies each row by the step's query scale, in place.</summary>
    public abstract void ScaleQueries(Tensor queries);

    /// <summary>Writes the step's keys and values into the cache.</summary>
    public abstract void Store(Tensor keys, Tensor values, int layer);

    /// <summary>Attention of the step's queries over the cache.</summary>
    public abstract void Attend(Tensor queries, Tensor destination, in AttentionShape shape);

    /// <summary>
    /// Routes each row of <paramref name="routed"/> to its experts, runs them on the row of <paramref name="input"/>, and adds their
    /// weighted outputs to <paramref name="destination"/>.
    /// </summary>
    /// <param name="routed">What the router sees, <c>[tokens, embedding]</c>; mostly the input itself.</param>
    /// <param name="input">Normalised activations <c>[tokens, embedding]</c>.</param>
    /// <param name="experts">The router's and the experts' weights.</param>
    /// <param name="routing">How experts are chosen and weighted.</param>
    /// <param name="destination">Activations <c>[tokens, embedding]</c> that are added to.</param>
    public abstract void MixExperts(Tensor routed, Tensor input, ExpertWeights experts, in ExpertRouting routing, Tensor destination);

    /// <summary>Gathers the rows whose logits are wanted.</summary>
    public abstract void SelectOutputRows(Tensor source, Tensor destination, int firstOutput);

    /// <summary>Copies values from the host into activations.</summary>
    public abstract void Write(ReadOnlySpan<float> values, Tensor tensor);

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
