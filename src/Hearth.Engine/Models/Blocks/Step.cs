using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>What blocks run with: the device and the activations of the step's tokens.</summary>
internal readonly struct Step(Device device, Scratch scratch, ScratchSlot hidden, int tokens)
{
    public Device Device => device;

    /// <summary>Tokens of the step.</summary>
    public int Tokens => tokens;

    /// <summary>The residual stream <c>[tokens, embedding]</c>.</summary>
    public Tensor Hidden => scratch.Take(hidden, tokens);

    /// <summary>A block's activations <c>[tokens, slot.Columns]</c>.</summary>
    public Tensor Take(ScratchSlot slot) => scratch.Take(slot, tokens);
}

/// <summary>A function of a layer's normalised input: attention, a feed-forward network, a state space.</summary>
internal abstract class Block
{
    /// <summary>The weights that the block multiplies its input by, before it does anything else; none when it begins otherwise.</summary>
    public virtual ReadOnlySpan<Tensor> FirstWeights => [];

    /// <summary>Computes <c>[tokens, embedding]</c> from <c>[tokens, embedding]</c>.</summary>
    /// <param name="step">The step.</param>
    /// <param name="input">The normalised input; blocks may not change it.</param>
    /// <param name="destination">Where the result goes; never the input.</param>
    /// <param name="accumulate">Adds to the destination instead of overwriting it.</param>
    public abstract void Run(in Step step, Tensor input, Tensor destination, bool accumulate);
}

/// <summary>One thing that happens to the residual stream.</summary>
internal abstract class LayerStep
{
    public abstract void Run(in Step step);
}
