using Hearth.Engine.Cache;
using Hearth.Kernels.Scan;

namespace Hearth.Engine.Devices;

/// <content>
/// Operations over time. Each sequence of the step goes through its own rows, one after another, from the state that its last step left.
/// How a sequence's rows are spread over steps does not change a bit.
/// </content>
public abstract partial class Device
{
    /// <summary>
    /// Depthwise causal convolution: <c>destination[t, c] = bias[c] + Σ_k weight[c, k] * input[t - (kernel - 1) + k, c]</c>.
    /// </summary>
    /// <param name="input">Activations <c>[tokens, channels]</c>.</param>
    /// <param name="weight">Vector <c>[channels * kernel]</c>.</param>
    /// <param name="bias">Vector <c>[channels]</c>, or none.</param>
    /// <param name="state">The last inputs, <c>[kernel - 1, channels]</c>.</param>
    /// <param name="destination">Activations <c>[tokens, channels]</c>; not the input.</param>
    public abstract void Convolve(Tensor input, Tensor weight, Tensor bias, RecurrentState state, Tensor destination);

    /// <summary>The selective scan of Mamba (arXiv:2312.00752), the skip connection included.</summary>
    /// <param name="input">Activations <c>[tokens, inner]</c>.</param>
    /// <param name="steps">Steps before softplus, <c>[tokens, inner]</c>.</param>
    /// <param name="b">What is written, <c>[tokens, states]</c>.</param>
    /// <param name="c">What is read, <c>[tokens, states]</c>.</param>
    /// <param name="rates">Vector <c>[inner * states]</c> of rates below zero.</param>
    /// <param name="skip">Vector <c>[inner]</c>: how much of the input is added.</param>
    /// <param name="state">The state, <c>[inner, states]</c>.</param>
    /// <param name="destination">Activations <c>[tokens, inner]</c>; may be the input.</param>
    public abstract void SelectiveScan(Tensor input, Tensor steps, Tensor b, Tensor c, Tensor rates, Tensor skip, RecurrentState state, Tensor destination);

    /// <summary>The scan of Mamba-2 (arXiv:2405.21060), the skip connection included.</summary>
    /// <param name="input">Activations <c>[tokens, heads * size]</c>.</param>
    /// <param name="steps">Steps before softplus, <c>[tokens, heads]</c>.</param>
    /// <param name="b">What is written, <c>[tokens, groups * states]</c>.</param>
    /// <param name="c">What is read, <c>[tokens, groups * states]</c>.</param>
    /// <param name="groups">Groups of heads that share b and c.</param>
    /// <param name="rates">Vector <c>[heads]</c> of rates below zero.</param>
    /// <param name="skip">Vector <c>[heads]</c>: how much of the input is added.</param>
    /// <param name="state">The state, <c>[heads, size, states]</c>.</param>
    /// <param name="destination">Activations <c>[tokens, heads * size]</c>; may be the input.</param>
    public abstract void StateSpaceDual(
        Tensor input, Tensor steps, Tensor b, Tensor c, int groups, Tensor rates, Tensor skip, RecurrentState state, Tensor destination);

    /// <summary>
    /// The gated delta rule (arXiv:2412.06464), or with one decay per key element Kimi Delta Attention (arXiv:2510.26692).
    /// </summary>
    /// <param name="queries">Normalised queries <c>[tokens, keyHeads * keySize]</c>.</param>
    /// <param name="keys">Normalised keys <c>[tokens, keyHeads * keySize]</c>.</param>
    /// <param name="values">Values <c>[tokens, heads * valueSize]</c>.</param>
    /// <param name="decays">Logarithms of the decays, <c>[tokens, heads]</c> or <c>[tokens, heads * keySize]</c>.</param>
    /// <param name="strengths">How strongly is written, 0 to 1, <c>[tokens, heads]</c>.</param>
    /// <param name="scale">A factor of the result.</param>
    /// <param name="order">Which heads share a key head.</param>
    /// <param name="state">The state, <c>[heads, valueSize, keySize]</c>.</param>
    /// <param name="destination">Activations <c>[tokens, heads * valueSize]</c>; may be the values.</param>
    public abstract void GatedDelta(
        Tensor queries, Tensor keys, Tensor values, Tensor decays, Tensor strengths, float scale, KeyHeadOrder order, RecurrentState state, Tensor destination);

    /// <summary>The recurrence of RWKV-6 (arXiv:2404.05892), or without a bonus gated linear attention (arXiv:2312.06635).</summary>
    /// <param name="receptance">Activations <c>[tokens, heads * size]</c>.</param>
    /// <param name="keys">Activations <c>[tokens, heads * size]</c>.</param>
    /// <param name="values">Activations <c>[tokens, heads * size]</c>.</param>
    /// <param name="decays">The decays, 0 to 1, <c>[tokens, heads * size]</c>.</param>
    /// <param name="bonus">Vector <c>[heads * size]</c>: the weight of the present row, or none.</param>
    /// <param name="scale">A factor of the result.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="state">The state, <c>[heads, size, size]</c>.</param>
    /// <param name="destination">Activations <c>[tokens, heads * size]</c>; may be the values.</param>
    public abstract void Wkv6(
        Tensor receptance, Tensor keys, Tensor values, Tensor decays, Tensor bonus, float scale, int heads, RecurrentState state, Tensor destination);

    /// <summary>The recurrence of RWKV-7 (arXiv:2503.14456).</summary>
    /// <param name="receptance">Activations <c>[tokens, heads * size]</c>.</param>
    /// <param name="decays">The decays, 0 to 1, <c>[tokens, heads * size]</c>.</param>
    /// <param name="keys">Activations <c>[tokens, heads * size]</c>.</param>
    /// <param name="values">Activations <c>[tokens, heads * size]</c>.</param>
    /// <param name="removed">The keys that are removed, negated, <c>[tokens, heads * size]</c>.</param>
    /// <param name="replaced">The removed keys times the rates of learning, <c>[tokens, heads * size]</c>.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="state">The state, <c>[heads, size, size]</c>.</param>
    /// <param name="destination">Activations <c>[tokens, heads * size]</c>; may be the values.</param>
    public abstract void Wkv7(
        Tensor receptance, Tensor decays, Tensor keys, Tensor values, Tensor removed, Tensor replaced, int heads, RecurrentState state, Tensor destination);
}
