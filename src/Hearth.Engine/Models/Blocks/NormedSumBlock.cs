using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>A term of <see cref="NormedSumBlock"/>.</summary>
/// <param name="Pre">The norm in front.</param>
/// <param name="Block">The block.</param>
/// <param name="Post">The norm of its output.</param>
internal sealed record NormedTerm(Normalization Pre, Block Block, Normalization Post)
{
    /// <summary>Another norm of the input that the block reads from a place of its own, or null.</summary>
    public (Normalization Norm, ScratchSlot Slot)? Side { get; init; }
}

/// <summary>
/// <c>Σ post_i(block_i(pre_i(x)))</c>: blocks beside each other with norms of their own (Gemma 4's dense network and experts).
/// </summary>
internal sealed class NormedSumBlock : Block
{
    private readonly NormedTerm[] _terms;
    private readonly ScratchSlot _normed;
    private readonly ScratchSlot _output;

    public NormedSumBlock(ModelBuilder builder, IReadOnlyList<NormedTerm> terms)
    {
        _terms = [.. terms];
        _normed = builder.Scratch.Reserve("normed", builder.Config.EmbeddingLength);
        _output = builder.Scratch.Reserve("term", builder.Config.EmbeddingLength);
    }

    public override void Run(in Step step, Tensor input, Tensor destination, bool accumulate)
    {
        Device device = step.Device;
        Tensor normed = step.Take(_normed);
        Tensor output = step.Take(_output);
        if (!accumulate)
        {
            device.Scale(destination, 0);
        }

        foreach (NormedTerm term in _terms)
        {
            if (term.Side is (Normalization norm, ScratchSlot slot))
            {
                device.Norm(input, norm, step.Take(slot));
            }

            device.Norm(input, term.Pre, normed);
            term.Block.Run(step, normed, output, accumulate: false);
            device.Norm(output, term.Post, output);
            device.Add(output, 1, destination);
        }
    }
}
